"""Random text in every public form: never an error of ours, whatever is typed, pasted or forged."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanences.services import create_feed
from tests.factories import BookingFactory, PermanenceFactory, SlotFactory, UserFactory
from tests.test_attacks import token_of, typed

pytestmark = pytest.mark.django_db
QUICK = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NASTY = st.sampled_from(
    [
        *("\0", "\u202e", "\u200b", "\ud800", "\U0001f469\u200d\U0001f467", "\r\nBcc: a@b.fr"),
        *("9" * 5000, "1" * 19, "-1", "\u0663", "²", "' OR 1=1 --", "{{ 7 }}", "%s"),
    ]
)
TEXT = st.one_of(st.text(max_size=60), NASTY)
KINDS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "é"]
COOKIE = st.text(alphabet=st.characters(max_codepoint=255), max_size=40)
FIELDS = ["first_name", "last_name", "email", "phone", "title", "pitch", "themes", "intended_activity"]
FIELDS += ["site_web", "form_token", "slot", "missed", "reason", "code", "login", "next"]


@pytest.fixture
def paths():
    permanence = PermanenceFactory()
    first, *_ = SlotFactory.create_batch(3, permanence=permanence)
    token = token_of(BookingFactory(slot=first))
    own = {"token": token}
    return [
        reverse("permanences:slot_book", args=[permanence.pk]),
        reverse("permanences:waiting_join", args=[permanence.pk]),
        reverse("permanences:link_request"),
        *(reverse(f"permanences:{name}", kwargs=own) for name in ("booking_cancel", "booking_move")),
        reverse("account_login"),
        reverse("account_signup"),
        reverse("account_request_login_code"),
        reverse("account_confirm_login_code"),
    ], first


def clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@QUICK
@given(values=st.dictionaries(st.sampled_from(FIELDS), TEXT, max_size=6), whole=st.booleans())
def test_no_text_breaks_a_public_form(paths, client, values, whole):
    addresses, slot = paths
    values = {name: clean(text) for name, text in values.items()}
    sent = (typed(slot, form_token=uuid4()) if whole else {}) | values
    for address in addresses:
        assert client.post(address, sent).status_code < 500, (address, sent)


@QUICK
@given(name=st.sampled_from(["territoire", "creneau", "page", "next", "uid"]), value=TEXT, cookie=COOKIE)
def test_no_text_breaks_an_address(paths, client, name, value, cookie):
    addresses, _ = paths
    others = [reverse("permanences:permanence_list"), reverse("permanences:public_feed"), reverse("site:my_space")]
    for address in (*addresses, *others):
        response = client.get(address, {name: clean(value)}, HTTP_COOKIE=f"sessionid={cookie}")
        assert response.status_code < 500, (address, value, cookie)


@QUICK
@given(raw=st.binary(max_size=200), kind=st.sampled_from(KINDS))
def test_no_bytes_break_a_public_form(paths, client, raw, kind):
    for address in paths[0][:4]:
        assert client.generic("POST", address, raw, content_type=kind).status_code < 500, (address, raw)


@QUICK
@given(token=TEXT)
def test_no_token_breaks_a_link(client, token):
    for start in ("/permanences/rdv/", "/permanences/attente/", "/permanences/agenda/", "/compte/invitation/MQ/"):
        for end in ("/", "/annuler/", ".ics"):
            assert client.get(f"{start}{clean(token)}{end}").status_code < 500


@pytest.mark.parametrize("sent", [{"pitch": "x" * 3_000_000}, {f"champ{n}": "x" for n in range(2000)}])
def test_a_huge_form_is_refused(paths, client, sent):
    assert client.post(paths[0][0], sent).status_code == 400


def test_an_agenda_answers_to_its_whole_token_alone(client):
    token = create_feed(user=UserFactory(manager=True), at=timezone.now())
    assert client.get(f"/permanences/agenda/{token}.ics").status_code == 200
    for wrong in (token[:-1], token.swapcase(), f"{token}a", token[::-1]):
        assert client.get(f"/permanences/agenda/{wrong}.ics").status_code == 404
