"""Advice meetings: the list, the page of one, what is written and who came."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from coopconnexion import pdf
from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.sheets import csv_response, xlsx_response
from members import services
from members.documents import meeting_pdf
from members.enums import Attendance
from members.forms.meetings import MeetingAddForm, MeetingChangeForm, MeetingFilterForm, matching, seat_name
from members.models import AdviceMeeting, MeetingParticipant, Member
from members.views.work import MemberWork

LIST_NAME, PAGE_NAME = "members_staff:meeting_list", "members_staff:meeting"
PER_PAGE = 50
HEADER = ["Date", "Membres", "Présences", "Animé par", "Mode", "Minutes", "Action financée", "Partagé"]
CONTENT = {"topics": "Points abordés", "objectives": "Objectifs", "notes": "Notes"}


def with_people(meetings: QuerySet, user) -> QuerySet:
    """Fetch who led, and the participants whom ``user`` sees: two queries more."""
    seats = MeetingParticipant.objects.filter(member__in=Member.objects.visible_to(user))
    seats = seats.select_related("member__person").order_by("member__person__name_key", "pk")
    advisors = User.objects.order_by("name", "email", "pk")
    return meetings.prefetch_related(Prefetch("advisors", advisors), Prefetch("participations", seats, to_attr="seats"))


def works_with(user, seats: list[MeetingParticipant]) -> bool:
    ids = user.territory_ids(*WORK_ROLES) if user.is_active else set()
    return ids is None or any(seat.member.territory_id in ids for seat in seats)


# --- the list --------------------------------------------------------------------------------------------------------


class MeetingListView(StaffPage, TemplateView):
    """What is filtered is in the address; ``?format=csv`` exports exactly that, contents only where one may read."""

    template_name = "members/meetings/meeting_list.html"
    title = "Rendez-vous de conseil"

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list"))]

    def found(self) -> QuerySet:
        meetings = AdviceMeeting.objects.visible_to(self.request.user)
        if self.form.is_bound and not self.form.is_valid():
            return meetings.none()
        chosen = self.form.cleaned_data if self.form.is_bound else {}
        if chosen.get("advisor"):
            meetings = meetings.filter(advisors=chosen["advisor"])
        if chosen.get("q"):
            seats = MeetingParticipant.objects.filter(meeting=OuterRef("pk"))
            seen = seats.filter(member__in=Member.objects.visible_to(self.request.user).values("pk"))
            meetings = meetings.filter(Exists(seen.filter(matching(chosen["q"]))))
        if chosen.get("since"):
            meetings = meetings.filter(held_at__gte=start_of(chosen["since"]))
        if chosen.get("until"):
            meetings = meetings.filter(held_at__lt=start_of(chosen["until"]))
        if chosen.get("to_note"):
            meetings = meetings.unnoted(timezone.now())
        return with_people(meetings, self.request.user).order_by("-held_at", "-pk")

    def get(self, request, *args, **kwargs):
        self.form = MeetingFilterForm(request.GET or None, user=request.user)
        self.meetings = self.found()
        wanted = request.GET.get("format")
        if wanted in ("csv", "xlsx"):
            return exported(self.meetings, request.user, wanted)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        page = Paginator(self.meetings, PER_PAGE).get_page(self.request.GET.get("page"))
        query = self.request.GET.copy()
        for name in ("page", "format"):
            query.pop(name, None)
        now = timezone.now()
        rows = [(each, is_unnoted(each, now), each.is_readable_by(self.request.user)) for each in page.object_list]
        return super().get_context_data(form=self.form, page=page, rows=rows, query=query.urlencode(), **kwargs)


def start_of(day):
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day))


def is_unnoted(meeting: AdviceMeeting, now) -> bool:
    return meeting.held_at <= now and any(seat.attendance == Attendance.EXPECTED for seat in meeting.seats)


def exported(meetings: QuerySet, user, kind: str) -> HttpResponse:
    """Stream the meetings, one a row."""
    rows = (cells(each, user) for each in meetings.iterator(chunk_size=500))
    header = [*HEADER, *CONTENT.values()]
    if kind == "csv":
        return csv_response("rendez-vous.csv", header, rows)
    return xlsx_response("rendez-vous.xlsx", header, rows, "Rendez-vous")


def cells(meeting: AdviceMeeting, user) -> list:
    is_readable = meeting.is_readable_by(user)
    return [
        meeting.held_at,
        ", ".join(str(seat.member) for seat in meeting.seats),
        ", ".join(seat.get_attendance_display() for seat in meeting.seats),
        ", ".join(str(each) for each in meeting.advisors.all()),
        meeting.get_mode_display(),
        meeting.minutes,
        meeting.financed_action,
        meeting.is_shared,
        *(getattr(meeting, name) if is_readable else "" for name in CONTENT),
    ]


# --- one meeting -----------------------------------------------------------------------------------------------------


class MeetingPage(StaffPage):
    """A page about one meeting with a member of the user's territories; who may read it is asked apart."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        meetings = with_people(AdviceMeeting.objects.visible_to(request.user), request.user)
        self.meeting = get_object_or_404(meetings.select_related("recorded_by"), pk=kwargs["pk"])
        self.is_readable = self.meeting.is_readable_by(request.user)

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list")), ("Rendez-vous", reverse(LIST_NAME))]


class MeetingView(MeetingPage, TemplateView):
    """Who, when, how; what was said for who may read it."""

    template_name = "members/meetings/meeting.html"

    def get_title(self):
        return str(self.meeting)

    def get_context_data(self, **kwargs):
        now = timezone.now()
        return super().get_context_data(
            meeting=self.meeting,
            is_readable=self.is_readable,
            can_work=works_with(self.request.user, self.meeting.seats),
            attendances=[each for each in Attendance if self.meeting.held_at <= now or each in services.BEFOREHAND],
            pdf_missing="" if pdf.is_available() else pdf.MISSING,
            contents=[(label, getattr(self.meeting, name)) for name, label in CONTENT.items()],
            **kwargs,
        )


class MeetingPdfView(MeetingPage, View):
    """The report, for who may read it; without Pango the page says what to install."""

    def get(self, request, *args, **kwargs):
        if not self.is_readable:
            raise PermissionDenied
        try:
            content = meeting_pdf(self.meeting, self.meeting.seats)
        except pdf.PdfUnavailableError as missing:
            messages.error(request, str(missing))
            return redirect(PAGE_NAME, self.meeting.pk)
        name = f"rendez-vous-{timezone.localdate(self.meeting.held_at)}.pdf"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(content, content_type="application/pdf", headers=disposition)


class AttendanceView(StaffPage, View):
    """One click notes whether a participant came; back to the page it was clicked on."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        seats = MeetingParticipant.objects.filter(member__in=Member.objects.visible_to(request.user))
        seat = get_object_or_404(seats.select_related("member__person", "meeting"), pk=kwargs["pk"])
        if not works_with(request.user, [seat]):
            raise PermissionDenied
        try:
            attendance = Attendance(request.POST.get("attendance", ""))
            services.note_attendance(participant=seat, attendance=attendance, at=timezone.now())
            messages.success(request, f"{seat.member}\u202f: {attendance.label}.")
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        except ValueError:
            messages.error(request, "Choisissez une présence.")
        return redirect(PAGE_NAME, seat.meeting_id)


# --- writing ---------------------------------------------------------------------------------------------------------


class MeetingAddView(MemberWork):
    form_class = MeetingAddForm
    template_name = "members/meetings/meeting_form.html"
    title = "Noter un rendez-vous de conseil"
    done = "Le rendez-vous est noté."

    def get_initial(self):
        now = timezone.localtime(self.at).replace(second=0, microsecond=0)
        return {"held_at": now, "attendance": Attendance.PRESENT, "advisors": [self.request.user.pk]}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "member": self.member, "today": self.today}

    def work(self, form):
        members = [self.member, *form.cleaned_data.pop("others")]
        self.meeting = services.record_meeting(members=members, by=self.request.user, at=self.at, **form.cleaned_data)

    def get_success_url(self):
        meeting = getattr(self, "meeting", None)
        return reverse(PAGE_NAME, args=[meeting.pk]) if meeting else super().get_success_url()


class MeetingWork(MemberWork):
    """Writing about a meeting that the user may read, with a member whom they work with."""

    def load(self, user) -> None:
        meetings = with_people(AdviceMeeting.objects.visible_to(user), user)
        self.row = get_object_or_404(meetings, pk=self.kwargs["pk"])
        self.seats = self.row.seats
        worked = [seat for seat in self.seats if works_with(user, [seat])]
        self.member = (worked or self.seats)[0].member
        if not self.row.is_readable_by(user):
            raise PermissionDenied

    def get_trail(self):
        return [("Membres", reverse("members_staff:member_list")), (str(self.row), self.get_success_url())]

    def get_success_url(self):
        return reverse(PAGE_NAME, args=[self.row.pk])


class MeetingChangeView(EditPage, MeetingWork):
    """The report is written here, and the next meeting planned."""

    form_class = MeetingChangeForm
    template_name = "members/meetings/meeting_form.html"
    title = "Modifier le rendez-vous"
    done = "Le rendez-vous est enregistré."

    def get_initial(self):
        names = ("held_at", "mode", "minutes", "financed_action", *CONTENT, "is_open_to_team", "is_shared")
        told = {name: getattr(self.row, name) for name in names}
        told["held_at"] = timezone.localtime(told["held_at"])
        seats = {seat_name(seat): seat.attendance for seat in self.seats}
        return told | seats | {"advisors": [each.pk for each in self.row.advisors.all()]}

    def get_form_kwargs(self):
        about = {"user": self.request.user, "member": self.member, "today": self.today}
        return super().get_form_kwargs() | about | {"edited": self.row, "meeting": self.row, "participants": self.seats}

    def get_context_data(self, **kwargs):
        return super().get_context_data(meeting=self.row, **kwargs)

    def work(self, form):
        added = form.cleaned_data.pop("others")
        services.correct_meeting(meeting=self.row, added=added, by=self.request.user, at=self.at, **form.cleaned_data)


class MeetingRemoveView(MeetingWork):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        services.remove_meeting(meeting=self.row)
        messages.success(request, "Le rendez-vous est supprimé\u202f; l’historique garde ce qu’il disait.")
        return redirect("members_staff:member", self.member.pk)
