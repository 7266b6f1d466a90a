"""What each role may do in the back office: data, read by the authentication backend and by ``can_…`` functions."""

from coopconnexion.accounts.enums import Role

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
        "permanences.schedule",
        "permanences.closure",
        "partnerships.partnership",
        "partnerships.amendment",
        "partnerships.objective",
        "members.contractkind",
        "members.exitreason",
        "members.documentkind",
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


def can_see_contacts(user) -> bool:
    """Tell whether the back office shows ``user`` how to reach people: e-mail, phone.

    Asked from the ground floor as ``user.has_perm(SEE_CONTACTS)``.
    """
    return may(user, "see_contacts", "accounts.person")


def can_share_filters(user) -> bool:
    """Tell whether filters that ``user`` saves may be offered to the team: a reader keeps theirs."""
    return may(user, "change", "accounts.savedfilter")


def can_work(user, territory_id: int) -> bool:
    """Tell whether ``user`` does the daily work of this territory: books, cancels, notes who came."""
    if not user.is_active:
        return False
    ids = user.territory_ids(Role.MANAGER, Role.ADVISOR)
    return ids is None or territory_id in ids
