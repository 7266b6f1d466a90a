"""Two rows that are one human become one; two that only look alike are told apart."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts import personal_data
from coopconnexion.accounts.models import NotDouble, Person, PersonMerge, User
from coopconnexion.accounts.services.people import identity_lock
from coopconnexion.db import constraint_errors, lock_name

CHOSEN_FIELDS = ("first_name", "last_name", "email", "phone", "commune")


@transaction.atomic
def merge_people(*, kept: Person, gone: Person, chosen: Mapping[str, object], by: User, at: datetime) -> PersonMerge:
    """Move all that is held about ``gone`` to ``kept``, give it the ``chosen`` values, and delete the row ``gone``.

    ``chosen`` maps fields to the value of either row; what it leaves out stays as ``kept`` has it. All or nothing.

    :raises ValidationError: same_person, already_merged, known_elsewhere, not_a_choice, not_whole, or an app's refusal,
        which says what to do first
    """
    kept, gone = _lock_both(kept, gone)
    _refuse_known_elsewhere(kept, gone, by)
    _choose(kept, gone, chosen)
    former = personal_data.described(gone)
    personal_data.merge_rows(kept=kept, gone=gone, at=at)
    if left := personal_data.left_behind(gone):
        raise ValidationError(
            f"Rien n’a été changé\u202f: ce qui suit ne se déplace pas d’une fiche à l’autre\u202f: {', '.join(left)}.",
            code="not_whole",
        )
    gone_pk = gone.pk
    gone.delete()
    return PersonMerge.objects.create(kept=kept, gone_pk=gone_pk, former=former, merged_by=by, merged_at=at)


def _lock_both(kept: Person, gone: Person) -> tuple[Person, Person]:
    """Hold both rows, and the names under which somebody might be booking meanwhile."""
    if kept.pk == gone.pk:
        raise ValidationError("C’est la même fiche\u202f: choisissez-en deux.", code="same_person")
    for name in sorted({identity_lock(person.email) for person in (kept, gone) if person.email}):
        lock_name(name)
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    by_pk = {person.pk: person for person in rows}
    if len(by_pk) < 2:
        raise ValidationError(
            "L’une des deux fiches n’existe plus\u202f: elle a sans doute été réunie entre-temps.",
            code="already_merged",
        )
    return by_pk[kept.pk], by_pk[gone.pk]


def _refuse_known_elsewhere(kept: Person, gone: Person, by: User) -> None:
    """A merge is not taken back: the work of another territory is not moved by who does not work there."""
    for person in Person.objects.known_elsewhere(by).filter(pk__in=[kept.pk, gone.pk]).order_by("pk")[:1]:
        raise ValidationError(
            f"Un autre territoire connaît aussi {person}\u202f: demandez à la direction de réunir les deux fiches, "
            "ou à une personne qui accompagne sur tous ces territoires.",
            code="known_elsewhere",
        )


def _choose(kept: Person, gone: Person, chosen: Mapping[str, object]) -> None:
    for field, value in chosen.items():
        if field not in CHOSEN_FIELDS or value not in (getattr(kept, field), getattr(gone, field)):
            raise ValidationError(
                "L’une des deux fiches a changé entre-temps\u202f: relisez-les, puis choisissez de nouveau.",
                code="not_a_choice",
            )
    for field, value in chosen.items():
        setattr(kept, field, value)
    kept.created_at = min(kept.created_at, gone.created_at)
    kept.save(update_fields=[*chosen, "created_at"])


@transaction.atomic
def tell_apart(*, one: Person, other: Person, by: User, at: datetime) -> NotDouble:
    """Note that two rows are two people: they are not shown as doubles any more; noting it twice is harmless.

    :raises ValidationError: same_person
    """
    if one.pk == other.pk:
        raise ValidationError("C’est la même fiche\u202f: choisissez-en deux.", code="same_person")
    first, second = sorted((one, other), key=lambda person: person.pk)
    with constraint_errors(NotDouble):
        pair, _ = NotDouble.objects.get_or_create(
            first=first, second=second, defaults={"decided_by": by, "decided_at": at}
        )
    return pair
