"""Holding the rows of members: who signs, leaves, joins or types at the same instant does it one after the other."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from members.models import Business, Member


def lock_members(members: Iterable[Member]) -> list[Member]:
    """Return the rows of ``members`` in pk order, ours until the transaction ends.

    :raises ValidationError: member_gone, when the integration that made one of them was undone meanwhile
    """
    keys = {member.pk for member in members}
    rows = list(Member.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    if len(rows) < len(keys):
        raise member_gone()
    return rows


def member_gone() -> ValidationError:
    return ValidationError(
        "Ce membre n’est plus là\u202f: son intégration vient d’être annulée, ou ses deux fiches réunies.",
        code="member_gone",
    )


def lock_member(member: Member) -> Member:
    """Return the row of ``member``, ours until the transaction ends.

    :raises ValidationError: member_gone
    """
    return lock_members([member])[0]


def lock_with_partners(member: Member) -> Member:
    """Return the row of ``member``, held with those of all who carry an open business with them.

    :raises ValidationError: member_gone
    """
    shared = member.businesses.filter(closed_on=None)
    partners = Member.objects.filter(businesses__in=shared.values("pk")).distinct()
    return next(row for row in lock_members([member, *partners]) if row.pk == member.pk)


def lock_business(business: Business) -> Business:
    """Return the row of ``business``, held after those of all who carry it: nobody of them leaves meanwhile.

    :raises ValidationError: member_gone, business_gone
    """
    lock_members(business.members.all())
    row = Business.objects.select_for_update(of=("self",)).filter(pk=business.pk).first()
    if row is None:
        raise ValidationError(
            "Cette entreprise n’est plus là\u202f: l’intégration qui l’a créée vient d’être annulée.",
            code="business_gone",
        )
    return row
