"""What each role may do in the back office: data, read by the authentication backend and by ``can_…`` functions."""

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Organisation, Person

SEE_CONTACTS = "accounts.see_contacts"
ACTIONS = {
    Role.MANAGER: frozenset({"view", "add", "change", "delete", "see_contacts"}),
    Role.ADVISOR: frozenset({"view", "add", "change", "see_contacts"}),
    Role.READER: frozenset({"view"}),
}

MANAGER_MODELS = frozenset(
    {
        "accounts.user",
        "accounts.mandate",
        "accounts.personlink",
        "territories.territory",
        "territories.theme",
        "territories.commune",
        "territories.activity",
        "territories.nafcode",
        "territories.facilitytype",
        "permanences.schedule",
        "permanences.closure",
        "partnerships.partnership",
        "partnerships.amendment",
        "partnerships.objective",
        "members.contractkind",
        "members.exitreason",
        "members.documentkind",
        "premises.countset",
        "projects.closingreason",
    }
)
"""Accounts, schedules, objectives and reference data: others may look, the direction alone changes them."""


def may(user, action: str, model_label: str) -> bool:
    """Tell whether a role of ``user`` allows ``action`` ("view", "add", "change", "delete") on a model, rows aside."""
    if not user.is_active:
        return False
    for role in user.roles:
        if action in ACTIONS.get(role, ()) and (
            role == Role.MANAGER or action == "view" or model_label not in MANAGER_MODELS
        ):
            return True
    return False


def can_see_contacts(user, territory_id: int | None = None) -> bool:
    """Tell whether the back office shows ``user`` how to reach the people of a territory; ``None``: of one at least."""
    ids = contact_territory_ids(user)
    return ids is None or (bool(ids) if territory_id is None else territory_id in ids)


def contact_territory_ids(user) -> set[int] | None:
    """Return the territories whose e-mails and phones ``user`` sees; ``None`` means all, empty means none."""
    roles = [role for role, actions in ACTIONS.items() if "see_contacts" in actions]
    return user.territory_ids(*roles) if user.is_active else set()


def is_reader_beside(user) -> bool:
    """Tell whether ``user`` sees contacts in some territories, and only looks in others."""
    ids = contact_territory_ids(user)
    if not ids:
        return False
    looked_at = user.staff_territory_ids()
    return looked_at is None or not looked_at <= ids


def can_reach(user, row=None) -> bool:
    """Tell whether ``user`` sees the e-mail and the phone of ``row``, or without it of every row they see.

    Asked from the ground floor as ``user.has_perm(SEE_CONTACTS, row)``. An organisation is of no territory.
    """
    if not can_see_contacts(user) or not is_reader_beside(user):
        return can_see_contacts(user)
    if isinstance(row, Person):
        return Person.objects.worked_by(user).filter(pk=row.pk).exists()
    return isinstance(row, Organisation)


def can_share_filters(user) -> bool:
    """Tell whether filters that ``user`` saves may be offered to the team: a reader keeps theirs."""
    return may(user, "change", "accounts.savedfilter")


def can_work(user, territory_id: int) -> bool:
    """Tell whether ``user`` does the daily work of this territory: books, cancels, notes who came."""
    if not user.is_active:
        return False
    ids = user.territory_ids(Role.MANAGER, Role.ADVISOR)
    return ids is None or territory_id in ids
