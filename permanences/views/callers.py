"""Somebody on the phone: book for them, put them on the waiting list, answer for them to a slot kept for them."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.permissions import can_work
from coopconnexion.accounts.services import double_warning
from coopconnexion.backoffice import StaffPage
from permanences import documents, services
from permanences.forms.agenda import CallerBookingForm, CallerForm
from permanences.models import Booking, Slot, SlotOffer, WaitingListEntry
from permanences.search import people_matching
from permanences.views.agenda import AGENDA_NAME, WorkPage, agenda_url
from projects.models import Project


class CallerPage(WorkPage, FormView):
    """Find the person or type who it is, then one of their projects or a new one."""

    title: str

    def get_title(self) -> str:
        return self.title

    @cached_property
    def people(self):
        return Person.objects.visible_to(self.request.user)

    @cached_property
    def person(self) -> Person | None:
        pk = self.request.POST.get("person") or self.request.GET.get("personne")
        return get_object_or_404(self.people, pk=pk) if pk and pk.isdecimal() and len(pk) < 19 else None

    @cached_property
    def projects(self):
        mine = Project.objects.visible_to(self.request.user).open().filter(holder=self.person)
        return mine.order_by("-created_at", "-pk")

    @cached_property
    def times(self) -> list[Slot]:
        return documents.times_for_staff([self.permanence], at=self.at).get(self.permanence.pk, [])

    def get_initial(self):
        project = self.request.GET.get("projet") or (first.pk if (first := self.projects.first()) else None)
        return {"slot": self.request.GET.get("creneau"), "person": self.person, "project": project}

    def get_form_kwargs(self):
        projects = self.projects if self.person else None
        return {**super().get_form_kwargs(), "people": self.people, "person": self.person, "projects": projects}

    def caller(self, form) -> services.Caller:
        data = form.cleaned_data
        return services.Caller(self.person, data["project"], form.contact(), data["referrer"])

    def warn_of_doubles(self, person: Person) -> None:
        person.refresh_from_db()  # the database computes ``name_key``
        if warning := double_warning(person=person, user=self.request.user):
            messages.warning(self.request, warning)

    def refuse(self, form, refusal: ValidationError):
        form.add_error(None, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        query = self.request.GET.get("q", "").strip()
        return super().get_context_data(
            query=query,
            found=people_matching(self.request.user, query),
            person=self.person,
            has_projects=bool(self.person and self.projects),
            slot_wanted=self.request.POST.get("slot") or self.request.GET.get("creneau", ""),
            times=self.times,
            **kwargs,
        )


class SlotBookView(CallerPage):
    """Book for somebody on the phone."""

    form_class = CallerBookingForm
    template_name = "permanences/agenda/slot_book.html"
    title = "Réserver pour quelqu’un"

    def get_form_kwargs(self):
        slots = Slot.objects.filter(permanence=self.permanence).select_related("permanence__territory")
        return {**super().get_form_kwargs(), "slots": slots}

    def form_valid(self, form):
        try:
            booking = services.book_for_caller(
                slot=form.cleaned_data["slot"],
                caller=self.caller(form),
                form_token=form.cleaned_data["form_token"],
                booked_by=self.request.user,
                at=self.at,
            )
        except ValidationError as refusal:
            return self.refuse(form, refusal)
        messages.success(self.request, booked_words(booking))
        self.warn_of_doubles(booking.person)
        return redirect(agenda_url(booking))


class WaitingAddView(CallerPage):
    """Put somebody on the phone on the waiting list of a full permanence."""

    form_class = CallerForm
    template_name = "permanences/agenda/waiting_add.html"
    title = "Inscrire quelqu’un en liste d’attente"

    def form_valid(self, form):
        try:
            if self.times:
                raise ValidationError("Il reste un créneau libre : réservez-le.", code="slot_free")
            entry = services.wait_for_caller(
                permanence=self.permanence,
                caller=self.caller(form),
                form_token=form.cleaned_data["form_token"],
                added_by=self.request.user,
                at=self.at,
            )
        except ValidationError as refusal:
            return self.refuse(form, refusal)
        messages.success(self.request, waiting_words(entry))
        self.warn_of_doubles(entry.person)
        return redirect(waiting_url(entry))


def booked_words(booking: Booking) -> str:
    if booking.person.email:
        return f"C’est réservé pour {booking.person} : un message de confirmation part à {booking.person.email}."
    return f"C’est réservé pour {booking.person}. Sans courriel, confirmez-lui l’heure de vive voix."


def waiting_words(entry: WaitingListEntry) -> str:
    if entry.person.email:
        return f"{entry.person} est sur la liste d’attente : un message le lui dit."
    return f"{entry.person} est sur la liste d’attente. Sans courriel, appelez dès qu’un créneau lui est proposé."


def waiting_url(entry: WaitingListEntry) -> str:
    return f"{reverse(AGENDA_NAME, args=[entry.permanence_id])}#attente-{entry.pk}"


class WaitingWork(StaffPage, View):
    """One click for somebody who waits, then back to the agenda."""

    http_method_names = ["post"]
    done: str

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.entry = self.find_entry()
        if not can_work(request.user, self.entry.permanence.territory_id):
            raise PermissionDenied

    def find_entry(self) -> WaitingListEntry:
        entries = WaitingListEntry.objects.visible_to(self.request.user)
        return get_object_or_404(entries.select_related("permanence", "person"), pk=self.kwargs["pk"])

    def post(self, request, *args, **kwargs):
        try:
            self.work()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self.done.format(person=self.entry.person))
        return redirect(AGENDA_NAME, self.entry.permanence_id)

    def work(self) -> None:
        raise NotImplementedError


class WaitingRemoveView(WaitingWork):
    done = "{person} n’est plus sur la liste d’attente."

    def work(self):
        services.leave_waiting_list(entry=self.entry, at=self.at)


class OfferWork(WaitingWork):
    """The answer that somebody gave by phone to a slot kept for them."""

    def find_entry(self):
        offers = SlotOffer.objects.visible_to(self.request.user)
        relations = ("slot__permanence", "entry__permanence", "entry__person", "entry__project")
        self.offer = get_object_or_404(offers.select_related(*relations), pk=self.kwargs["pk"])
        return self.offer.entry


class OfferAcceptView(OfferWork):
    done = "C’est réservé pour {person}."

    def work(self):
        services.accept_offer(offer=self.offer, booked_by=self.request.user, at=self.at)


class OfferDeclineView(OfferWork):
    done = "C’est noté : le créneau va à la personne suivante, et {person} reste sur la liste."

    def work(self):
        services.decline_offer(offer=self.offer, declined_by=self.request.user, at=self.at)
