import pytest

from coopconnexion.addresses import normalise_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("camille@example.org", "camille@example.org"),
        ("  Camille.Dupont@Example.ORG \n", "camille.dupont@example.org"),
        ("camille..dupont@example.org", "camille.dupont@example.org"),
        ("camille.@example.org", "camille@example.org"),
        ("camille@.example.org", "camille@example.org"),
        ("camille@example..org", "camille@example.org"),
        ("camille@example.org.", "camille@example.org"),
        (".camille@example.org...", "camille@example.org"),
        ("mailto:camille@example.org", "camille@example.org"),
        ("<mailto:Camille@example.org>,", "camille@example.org"),
        ("camille\u00a0@\u202fexample.org\u200b", "camille@example.org"),
        ("ｃａｍｉｌｌｅ＠example.org", "camille@example.org"),
        ("camille+fabrique@example.org", "camille+fabrique@example.org"),
        ("", ""),
    ],
)
def test_slips_of_a_typed_address_are_mended(typed, kept):
    assert normalise_email(typed) == kept


def test_mending_twice_changes_nothing_more():
    once = normalise_email(" MAILTO:Camille..Dupont.@Example..org. ")
    assert (once, normalise_email(once)) == ("camille.dupont@example.org", "camille.dupont@example.org")
