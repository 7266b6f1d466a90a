"""What to tell staff about a row that they just wrote and that looks like another."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from coopconnexion.accounts.doubles import ALIKE, sharing_contact
from coopconnexion.accounts.models import Person, User


def double_warning(*, person: Person, user: User) -> SafeString | str:
    """Return what to say of the rows, among those ``user`` may see, with the same e-mail or phone; empty: nothing.

    Names that look alike are a likely double, with a link to compare; another name is only mentioned.
    """
    others = list(sharing_contact(person).visible_to(user).filter(is_apart=False))
    if double := next((other for other in others if other.likeness >= ALIKE), None):
        return format_html(
            '{} a peut-être une autre fiche (n°\u00a0{})\u202f: <a href="{}">comparez les deux</a>.',
            person,
            double.pk,
            reverse("accounts_staff:person_merge", args=[*sorted((person.pk, double.pk))]),
        )
    if others:
        return format_html(
            'Même courriel ou même téléphone que <a href="{}">{}</a>\u202f: c’est possible, un couple par exemple.',
            reverse("accounts_staff:person", args=[others[0].pk]),
            others[0],
        )
    return ""
