"""What permanences show to staff: the next day, what waits for somebody, the appointments of a person."""

from datetime import timedelta

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.enums import Role
from coopconnexion.panels import Panel, listed
from permanences.demand import demand_of
from permanences.documents import unrecorded, with_figures
from permanences.enums import CancelledBy
from permanences.models import Booking, Permanence, Schedule, Slot, SlotOffer, WaitingListEntry

NEWS = timedelta(days=7)


def _works(user) -> bool:
    return user.territory_ids(Role.MANAGER, Role.ADVISOR) != set()


@panels.register("staff_home", panels.staff, position=10)
def next_permanence(request, subject) -> Panel:
    """The next day with its appointments, then the days after it."""
    at = timezone.now()
    coming = Permanence.objects.visible_to(request.user).held().from_day(timezone.localdate(at)).in_order()
    days = list(with_figures(coming.select_related("venue", "territory"), at=at)[:4])
    bookings = []
    if days:
        standing = days[0].bookings.standing().select_related("slot", "person", "project")
        bookings = list(standing.order_by("slot__starts_at", "slot__desk", "pk"))
    context = {"permanence": days[0] if days else None, "later": days[1:], "bookings": bookings, "today": at}
    return Panel("permanences/agenda/panels/next_permanence.html", context)


@panels.register("staff_home", panels.staff, position=20)
def presence_to_note(request, subject) -> Panel | None:
    """Past appointments « à renseigner », by day."""
    past = unrecorded(request.user, at=timezone.now())
    rows = past.select_related("slot", "person", "permanence__venue").order_by("-slot__starts_at", "pk")
    found = listed(rows)
    return Panel("permanences/agenda/panels/presence_to_note.html", found) if found["rows"] else None


@panels.register("staff_home", panels.staff, position=30)
def unconfirmed(request, subject) -> Panel:
    """Appointments to come whose address nobody has confirmed, to release one by one or at once."""
    rows = Booking.objects.visible_to(request.user).unconfirmed().filter(slot__starts_at__gt=timezone.now())
    rows = rows.select_related("slot", "person", "permanence").order_by("slot__starts_at", "pk")
    return Panel("permanences/agenda/panels/unconfirmed.html", {**listed(rows), "can_work": _works(request.user)})


@panels.register("staff_home", panels.staff, position=35)
def cancelled_by_people(request, subject) -> Panel | None:
    """Appointments to come that their people cancelled this week, with the reason they gave."""
    at = timezone.now()
    rows = Booking.objects.visible_to(request.user).filter(
        cancelled_by=CancelledBy.CANDIDATE, cancelled_at__gt=at - NEWS, slot__starts_at__gt=at
    )
    found = listed(rows.select_related("slot", "person", "permanence").order_by("-cancelled_at", "pk"))
    return Panel("permanences/agenda/panels/cancelled_by_people.html", found) if found["rows"] else None


@panels.register("staff_home", panels.staff, position=40)
def moved_without_answer(request, subject) -> Panel | None:
    """Appointments that the coop moved and whose person has not said whether the new time suits."""
    rows = Booking.objects.visible_to(request.user).standing()
    rows = rows.filter(moved_at__isnull=False, move_answered_at=None, slot__starts_at__gt=timezone.now())
    found = listed(rows.select_related("slot", "person", "permanence").order_by("slot__starts_at", "pk"))
    return Panel("permanences/agenda/panels/moved_without_answer.html", found) if found["rows"] else None


@panels.register("staff_home", panels.staff, position=5)
def offers_to_phone(request, subject) -> Panel | None:
    """Slots kept for people whom no message can reach, before they go to the next."""
    rows = SlotOffer.objects.visible_to(request.user).to_phone(timezone.now())
    found = listed(rows.select_related("slot", "entry__person", "entry__permanence").order_by("expires_at", "pk"))
    context = {**found, "can_work": _works(request.user)}
    return Panel("permanences/agenda/panels/offers_to_phone.html", context) if found["rows"] else None


@panels.register("staff_home", panels.staff, position=50)
def waiting(request, subject) -> Panel:
    """Who waits for a slot of a permanence to come."""
    days = Permanence.objects.visible_to(request.user).held().from_day(timezone.localdate())
    rows = WaitingListEntry.objects.in_line().filter(permanence__in=days).select_related("person", "permanence")
    return Panel(
        "permanences/agenda/panels/waiting.html", listed(rows.order_by("permanence__held_on", "joined_at", "pk"))
    )


@panels.register("staff_home", panels.staff, position=55)
def unmet_demand(request, subject) -> Panel | None:
    """The schedules that turn people away, with another range to propose."""
    at = timezone.now()
    schedules = Schedule.objects.visible_to(request.user).on(timezone.localdate(at))
    demands = demand_of(schedules=schedules.select_related("territory").order_by("name", "pk"), at=at)
    high = [demand for demand in demands if demand.is_high]
    return Panel("permanences/agenda/panels/unmet_demand.html", {"demands": high}) if high else None


def _appointments(request, rows) -> Panel | None:
    related = ("slot", "permanence__venue")
    found = listed(rows.visible_to(request.user).select_related(*related).order_by("-slot__starts_at", "pk"))
    return (
        Panel("permanences/agenda/panels/appointments.html", {**found, "today": timezone.now()})
        if found["rows"]
        else None
    )


@panels.register("person", panels.staff, position=30)
def appointments_of_person(request, subject) -> Panel | None:
    return _appointments(request, Booking.objects.filter(person=subject))


@panels.register("project", panels.staff, position=30)
def appointments_of_project(request, subject) -> Panel | None:
    return _appointments(request, Booking.objects.filter(project=subject))


@panels.register("idea", panels.anyone, position=10)
def day_for_idea(request, subject) -> Panel | None:
    """The next permanence of the territory of an idea that still has a free slot: two queries."""
    at = timezone.now()
    coming = Permanence.objects.held().filter(territory=subject.territory_id).from_day(timezone.localdate(at))
    days = list(coming.in_order().select_related("venue")[:3])
    free = Slot.objects.count_bookable(days, at) if days else {}
    day = next((each for each in days if each.is_open_for_booking(at) and free.get(each.pk)), None)
    return Panel("permanences/includes/day_for_idea.html", {"day": day, "free": free[day.pk]}) if day else None
