"""What members show on the home of the back office and on the page of a member."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from coopconnexion import panels, pdf
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_work
from coopconnexion.panels import Panel, listed
from members.careers import career_of, deadlines
from members.checklist import checklist_of, to_chase
from members.documents import issuable
from members.enums import DocumentState
from members.figures import charts_of, months_until
from members.models import AdviceMeeting, Business, MeetingParticipant, Member

SHOWN = 8
FEW = 5


# --- the home of staff -----------------------------------------------------------------------------------------------


def followed(user: User) -> QuerySet[Member]:
    return Member.objects.visible_to(user).filter(advisor=user)


def in_charge(user: User) -> QuerySet[Member]:
    """Those whom the user follows; for the direction, those whom nobody follows too."""
    members = followed(user)
    return members | Member.objects.visible_to(user).filter(advisor=None) if Role.MANAGER in user.roles else members


def led_unnoted(user: User) -> QuerySet[AdviceMeeting]:
    return AdviceMeeting.objects.visible_to(user).filter(advisors=user).unnoted(timezone.now())


def waiting(request) -> dict[str, bool]:
    """Tell which of the panels below have something to say: one query for the three."""
    if not hasattr(request, "members_waiting"):
        user = request.user
        asked = {"in_charge": in_charge(user), "followed": followed(user), "led_unnoted": led_unnoted(user)}
        facts = {name: Exists(rows.order_by()) for name, rows in asked.items()}
        request.members_waiting = User.objects.filter(pk=user.pk).values(**facts).get()
    return request.members_waiting


@panels.register("staff_home", panels.staff, position=15)
def coming_deadlines(request, subject) -> Panel | None:
    """« Échéances » of the members in the user's charge."""
    if not waiting(request)["in_charge"]:
        return None
    rows = deadlines(in_charge(request.user), timezone.localdate(), within_months=6)
    late = sum(row.is_late for row in rows)
    context = {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "late": late}
    return Panel("members/deadlines/panels/deadlines.html", context)


@panels.register("member", panels.staff, position=60)
def statements_of_the_year(request, member: Member) -> Panel:
    """What the member sold, bought, contributed and earned over twelve months: one query."""
    context = {
        "member": member,
        "charts": charts_of(member, months_until(timezone.localdate(), 12)),
        "may_enter": can_work(request.user, member.territory_id),
    }
    return Panel("members/statements/panels/member_statements.html", context)


# --- documents -------------------------------------------------------------------------------------------------------


def first(rows) -> dict:
    """The first rows to show, the others to unfold."""
    found = list(rows)
    return {"rows": found[:FEW], "others": found[FEW:]}


EXPIRIES = (DocumentState.EXPIRED, DocumentState.EXPIRING)


@panels.register("member", panels.staff, position=30)
def documents_received(request, member: Member) -> Panel:
    """What came, what lacks, what expires: four queries."""
    context = {
        "member": member,
        "checklist": checklist_of(member, timezone.localdate()),
        "can_work": can_work(request.user, member.territory_id),
    }
    return Panel("members/documents/panels/received.html", context)


@panels.register("member", panels.staff, position=70)
def documents_given(request, member: Member) -> Panel:
    """What was given, and what can be given today: six queries."""
    context = {
        "member": member,
        "can_work": can_work(request.user, member.territory_id),
        "pdf_missing": "" if pdf.is_available() else pdf.MISSING,
        "choices": issuable(member, timezone.localdate()),
        **first(member.issued_documents.defer("content", "data").select_related("issued_by").order_by("-pk")),
    }
    return Panel("members/documents/panels/given.html", context)


@panels.register("staff_home", panels.staff, position=16)
def expiring_documents(request, subject) -> Panel | None:
    """« Pièces à renouveler » of the members whom the user follows; what never came stands in the list."""
    if not waiting(request)["followed"]:
        return None
    found = to_chase(followed(request.user), timezone.localdate(), states=EXPIRIES)
    found.sort(key=lambda row: row.valid_until)
    members = Member.objects.select_related("person").in_bulk({row.member_id for row in found[:SHOWN]})
    rows = [(row, members[row.member_id]) for row in found[:SHOWN]]
    context = {"rows": rows, "more": max(0, len(found) - SHOWN), "advisor": request.user.pk}
    return Panel("members/documents/panels/expiring.html", context) if rows else None


@panels.register("my_space", panels.signed_in, position=40)
def own_documents(request, subject) -> Panel | None:
    """What the coop gave to the members behind the account, what they may ask for, what it has of them and lacks."""
    members = Member.objects.of_account(request.user).select_related("person", "territory").distinct().order_by("pk")
    lacking = to_chase(Member.objects.filter(pk__in=[each.pk for each in members]), timezone.localdate())
    rows = [(member, *_own(member), [each for each in lacking if each.member_id == member.pk]) for member in members]
    context = {"rows": rows, "pdf_missing": not pdf.is_available()}
    return Panel("members/documents/panels/own.html", context) if rows else None


def _own(member: Member):
    yield [each for each in issuable(member, timezone.localdate()) if not each.refusal]
    yield first(member.issued_documents.defer("content", "data").order_by("-pk"))
    yield member.received_documents.select_related("kind").order_by("-received_on", "-pk")


# --- advice meetings -------------------------------------------------------------------------------------------------

ADVISORS = Prefetch("advisors", User.objects.order_by("name", "email", "pk"))


@panels.register("member", panels.staff, position=20)
def meetings_of_member(request, member: Member) -> Panel:
    """The last meetings: that they took place for everybody, what was said for who may read it."""
    found = listed(member.meetings.prefetch_related(ADVISORS).order_by("-held_at", "-pk"), shown=FEW)
    rows = [(each, each.is_readable_by(request.user)) for each in found.pop("rows")]
    may_add = can_work(request.user, member.territory_id)
    return Panel(
        "members/meetings/panels/of_member.html", {"member": member, "rows": rows, "can_work": may_add} | found
    )


@panels.register("staff_home", panels.staff, position=12)
def meetings_to_note(request, subject) -> Panel | None:
    """Past meetings that the user led, of which nobody noted who came."""
    if not waiting(request)["led_unnoted"]:
        return None
    people = Member.objects.visible_to(request.user).select_related("person")
    led = led_unnoted(request.user)
    found = listed(led.prefetch_related(Prefetch("participants", people, to_attr="people")).order_by("held_at", "pk"))
    context = found | {"advisor": request.user.pk}
    return Panel("members/meetings/panels/to_note.html", context)


@panels.register("my_space", panels.signed_in, position=35)
def shared_meetings(request, subject) -> Panel | None:
    """The meetings of the members behind the account that were shared with them."""
    own = MeetingParticipant.objects.filter(
        meeting=OuterRef("pk"), member__in=Member.objects.of_account(request.user).values("pk")
    )
    shared = AdviceMeeting.objects.filter(Exists(own), is_shared=True).prefetch_related(ADVISORS)
    found = first(shared.order_by("-held_at", "-pk"))
    return Panel("members/meetings/panels/shared.html", found) if found["rows"] else None


# --- « mon espace » --------------------------------------------------------------------------------------------------


@panels.register("my_space", panels.signed_in, position=32)
def own_membership(request, subject) -> Panel | None:
    """Contracts, delay, statements and businesses of the members whom staff confirmed to be behind the account."""
    members = Member.objects.of_account(request.user).select_related("person", "territory", "advisor").distinct()
    today = timezone.localdate()
    businesses = Business.objects.with_card(today).order_by("name", "pk")
    members = list(members.prefetch_related(Prefetch("businesses", businesses)).order_by("pk"))
    months = months_until(today, 12)
    rows = [(member, career_of(member, today), charts_of(member, months)) for member in members]
    return Panel("members/space/panels/membership.html", {"rows": rows}) if rows else None


# --- the page of a person --------------------------------------------------------------------------------------------


@panels.register("person", panels.staff, position=20)
def member_of_person(request, subject) -> Panel | None:
    """The member whom a person is or was, with what is signed: two queries."""
    member = (
        Member.objects.visible_to(request.user).filter(person=subject).select_related("territory", "advisor").first()
    )
    if member is None:
        return None
    contracts = member.contracts.on(timezone.localdate()).select_related("kind").order_by("starts_on", "pk")
    return Panel("members/panels/person_member.html", {"member": member, "contracts": contracts})
