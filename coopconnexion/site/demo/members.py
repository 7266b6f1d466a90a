"""Some sixty members: their businesses, their contracts one after the other, who left, who is an associate."""

from collections.abc import Iterator
from datetime import date

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import confirm_person_link
from coopconnexion.periods import months_later
from coopconnexion.site.demo.businesses import (
    BETHUNE,
    COUPLE,
    FIRST_SIX,
    FOUNDERS,
    LENS,
    PATHS,
    SECOND_BUSINESS,
    Start,
)
from coopconnexion.site.demo.story import Story
from members.models import Business, Contract, ContractKind, Member

MONTHS_TO_ASSOCIATE = 32  # before the three years of the law, the CAPE deducted
THEME_OF = {
    **dict.fromkeys(
        ("réparation", "couture", "vêtements", "montures", "jouets", "prêt", "rempaillage"), "economie-circulaire"
    ),
    **dict.fromkeys(("primeur", "apiculture", "conserverie", "crèmerie"), "circuits-courts"),
    **dict.fromkeys(("cours", "médiation", "formation", "visites", "ateliers", "café"), "developpement-local"),
}
"""By the first word of the activity; the others are « commerce »."""
NAMED = {"L’Épi et la Plume": ("Delphine Hennebelle", "membre")}
"""The business of the account « membre »: name, and address before the @."""


def tell(story: Story) -> None:
    kinds = {kind.key: kind for kind in ContractKind.objects.all()}
    contracts = []
    for start in (*FOUNDERS, *FIRST_SIX, *BETHUNE, *LENS):
        member = _welcome(story, start)
        contracts += _contracts(story, start, member, kinds)
    partner = _tell_couple(story)
    contracts += _contracts(story, FIRST_SIX[0], partner, kinds)
    Contract.objects.bulk_create(contracts)
    _tell_second_business(story)
    confirm_person_link(
        user=story.users["membre"],
        person=story.members[COUPLE[1]].person,
        confirmed_by=story.users["directrice"],
        at=story.moment(story.months_ago(20), 11),
    )


def begins_on(story: Story, start: Start) -> date:
    """Return the first day of the first contract; those told in months begin on the first of one."""
    return start.since if isinstance(start.since, date) else story.months_ago(start.since).replace(day=1)


def _ends_on(story: Story, start: Start) -> date | None:
    return start.left and months_later(begins_on(story, start), start.left)


def _welcome(story: Story, start: Start) -> Member:
    first = begins_on(story, start)
    name, email = NAMED.get(start.business, ("", None))
    person = story.person(name, email=email, commune=start.commune, since=story.moment(first, 9))
    member = _member(story, start, person)
    business = Business.objects.create(
        name=start.business,
        activity=start.activity,
        commune=story.communes[start.commune],
        opened_on=first,
        closed_on=_ends_on(story, start),
    )
    business.members.add(member)
    business.themes.add(story.themes[THEME_OF.get(start.activity.split()[0], "commerce")])
    story.members[start.business] = member
    return member


def _member(story: Story, start: Start, person: Person) -> Member:
    first, exited_on = begins_on(story, start), _ends_on(story, start)
    associated_on = months_later(first, max(MONTHS_TO_ASSOCIATE, sum(PATHS[start.path][0])))
    is_associate = associated_on <= (exited_on or story.today) and PATHS[start.path][1] == "cesa"
    member = Member.objects.create(
        person=person,
        territory=story.territories["bethune" if start.commune == "Béthune" else "lens"],
        advisor=story.users["conseillere" if story.people % 3 else "conseiller"],
        source=Source.PERMANENCE if story.people % 2 else Source.REFERRER,
        associated_on=associated_on if is_associate else None,
        share_count=story.people % 4 + 1 if is_associate else None,
        share_amount=(story.people % 4 + 1) * 50 if is_associate else None,
    )
    member.left_on = exited_on
    return member


def _tell_couple(story: Story) -> Member:
    """The husband joins the shop: one address, one business, two members."""
    name, business = COUPLE
    person = story.person(name, email="membre", commune="Béthune", since=story.moment(FIRST_SIX[0].since, 9))
    member = _member(story, FIRST_SIX[0], person)
    Business.objects.get(name=business).members.add(member)
    return member


def _tell_second_business(story: Story) -> None:
    first, name, activity, months = SECOND_BUSINESS
    business = Business.objects.create(
        name=name,
        activity=activity,
        commune=story.communes["Béthune"],
        opened_on=story.months_ago(months).replace(day=1),
    )
    business.members.add(story.members[first])
    business.themes.add(story.themes["developpement-local"])


def _contracts(story: Story, start: Start, member: Member, kinds: dict[str, ContractKind]) -> Iterator[Contract]:
    """Yield the contracts that have begun, the last cut short by the exit."""
    for key, rank, starts_on, ends_on in _periods(begins_on(story, start), start.path):
        until = min(filter(None, (ends_on, member.left_on)), default=None)
        if starts_on > story.today or (until and until <= starts_on):
            return
        kind = kinds[key]
        yield Contract(
            member=member,
            kind=kind,
            renewal_rank=rank,
            signed_on=starts_on,
            starts_on=starts_on,
            ends_on=until,
            max_months=kind.max_months,
            max_renewals=kind.max_renewals,
        )


def _periods(first: date, path: str) -> Iterator[tuple[str, int, date, date | None]]:
    """Yield kind, rank of renewal, start and exclusive end of each contract of a path."""
    capes, following = PATHS[path]
    starts_on = first
    for rank, months in enumerate(capes):
        ends_on = months_later(starts_on, months)
        yield "cape", rank, starts_on, ends_on
        starts_on = ends_on
    yield following, 0, starts_on, months_later(starts_on, 12) if following == "cdd" else None
