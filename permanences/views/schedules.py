"""The rules of permanences: their coming dates, what a change would do, the days they are closed."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from coopconnexion.accounts.permissions import may
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words
from coopconnexion.periods import months_later
from permanences import services
from permanences.demand import demand_of
from permanences.forms.planning import ClosureForm, NewScheduleForm, ScheduleForm
from permanences.models import Closure, Schedule
from permanences.views.agenda import LIST_NAME
from permanences.views.planning import TwoSteps, venues_of

MODEL = "permanences.schedule"
YEARS_SHOWN = 3


class RulePage(StaffPage):
    """A page about the rules; ``action`` is what the user's roles must allow."""

    action = "view"

    def dispatch(self, request, *args, **kwargs):
        self.at = timezone.now()
        if request.user.is_authenticated and request.user.is_staff and not may(request.user, self.action, MODEL):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [("Permanences", reverse(LIST_NAME)), ("Rythmes", reverse("permanences_staff:schedule_list"))]

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_change=may(self.request.user, "change", MODEL), **kwargs)


class ScheduleListView(RulePage, ListView):
    template_name = "permanences/planning/schedule_list.html"
    context_object_name = "schedules"
    title = "Rythmes des permanences"

    def get_trail(self):
        return [("Permanences", reverse(LIST_NAME))]

    def get_queryset(self):
        schedules = Schedule.objects.visible_to(self.request.user).select_related("territory", "venue")
        return schedules.order_by("territory__name", "name", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(today=timezone.localdate(self.at), **kwargs)
        schedules = list(context["schedules"])
        return {**context, "schedules": [(each.schedule, each) for each in demand_of(schedules=schedules, at=self.at)]}


class SchedulePage(RulePage):
    """A page about one schedule of the user's territories."""

    @cached_property
    def schedule(self) -> Schedule:
        schedules = Schedule.objects.visible_to(self.request.user).select_related("territory", "venue")
        return get_object_or_404(schedules, pk=self.kwargs["pk"])

    def get_trail(self):
        dates = reverse("permanences_staff:schedule_dates", args=[self.schedule.pk])
        return [*super().get_trail(), (self.schedule.name, dates)]

    def get_context_data(self, **kwargs):
        return super().get_context_data(schedule=self.schedule, **kwargs)


class ScheduleDatesView(SchedulePage, TemplateView):
    """The dates that the rule gives over the coming years, holidays flagged long before they are created."""

    template_name = "permanences/planning/schedule_dates.html"

    def get_title(self) -> str:
        return self.schedule.name

    def get_trail(self):
        return RulePage.get_trail(self)

    def get_context_data(self, **kwargs):
        today = timezone.localdate(self.at)
        days = services.days_of(
            self.schedule,
            closures=services.closures_of(self.schedule),
            first=today,
            until=months_later(today, 12 * YEARS_SHOWN),
        )
        created = {each.planned_on: each for each in self.schedule.permanences.from_day(today).select_related("venue")}
        return super().get_context_data(
            rows=[(day, created.get(day.planned_on)) for day in days],
            holiday_count=sum(bool(day.holiday) for day in days),
            closures=self.schedule.closures.filter(ends_on__gt=today).order_by("starts_on", "pk"),
            **kwargs,
        )


class ScheduleAddView(RulePage, TwoSteps):
    form_class = NewScheduleForm
    template_name = "permanences/planning/schedule_form.html"
    title = "Nouveau rythme"
    action = "add"

    def get_initial(self):
        return {"starts_on": timezone.localdate(self.at)}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "venues": venues_of(self.request.user)}

    def preview(self, form):
        days = services.days_ahead(form.instance, closures=[], at=self.at)
        plan = services.SchedulePlan([day for day in days if day.held_on])
        return {"plan": plan, "times": services.times_of(form.instance, timezone.localdate(self.at))}

    def work(self, form):
        schedule = services.create_schedule(at=self.at, **form.values)
        count = schedule.permanences.count()
        messages.success(self.request, f"Le rythme est créé, avec {count_words(count, 'permanence')}.")
        return redirect("permanences_staff:schedule_dates", schedule.pk)


class ScheduleChangeView(SchedulePage, TwoSteps):
    """Change a rule: the plan shows what follows by itself, and asks where people have booked."""

    form_class = ScheduleForm
    template_name = "permanences/planning/schedule_form.html"
    title = "Modifier le rythme"
    action = "change"

    def get_initial(self):
        return {"seen": services.revision_of(self.schedule)}

    def get_form_kwargs(self):
        kwargs = {"venues": venues_of(self.request.user), "instance": self.schedule}
        return {**super().get_form_kwargs(), **kwargs}

    def decision(self, pk: int) -> str:
        return self.request.POST.get(f"decision-{pk}", "")

    def preview(self, form):
        plan = services.plan_schedule_change(schedule=self.schedule, changes=form.values, at=self.at)
        counts = Counter(change.effect for change in plan.changes if not change.is_conflict)
        questions = [(each, self.decision(each.permanence.pk) or each.decisions[0].value) for each in plan.conflicts]
        times = services.times_of(form.instance, timezone.localdate(self.at))
        return {"plan": plan, "counts": counts, "questions": questions, "times": times}

    def work(self, form):
        decisions = {
            int(name.removeprefix("decision-")): value
            for name, value in self.request.POST.items()
            if name.startswith("decision-") and name.removeprefix("decision-").isdecimal()
        }
        services.change_schedule(
            schedule=self.schedule,
            changes=form.values,
            decisions=decisions,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            at=self.at,
        )
        messages.success(self.request, "Le rythme est enregistré.")
        return redirect("permanences_staff:schedule_dates", self.schedule.pk)


class ClosureAddView(SchedulePage, TwoSteps):
    """Close a schedule for some days; days where people have booked stay until staff cancel or move them."""

    form_class = ClosureForm
    template_name = "permanences/planning/closure_add.html"
    title = "Fermer des jours"
    action = "change"

    def preview(self, form):
        days = {name: form.cleaned_data[name] for name in ("starts_on", "ends_on")}
        return {"stay": services.closure_conflicts(schedule=self.schedule, at=self.at, **days)}

    def work(self, form):
        stay = services.add_closure(schedule=self.schedule, at=self.at, **form.cleaned_data)
        words = "La fermeture est enregistrée."
        if stay:
            words += f" Reste à annuler ou déplacer\u202f: {count_words(len(stay), 'permanence')} avec des rendez-vous."
        messages.success(self.request, words)
        if len(stay) == 1:
            return redirect("permanences_staff:permanence_cancel", stay[0].pk)
        return redirect("permanences_staff:schedule_dates", self.schedule.pk)


class ClosureRemoveView(RulePage, View):
    http_method_names = ["post"]
    action = "change"

    def post(self, request, *args, **kwargs):
        schedules = Schedule.objects.visible_to(request.user)
        closure = get_object_or_404(Closure.objects.select_related("schedule"), pk=kwargs["pk"], schedule__in=schedules)
        try:
            back = services.remove_closure(closure=closure, at=self.at)
            messages.success(request, f"La fermeture est levée\u202f: {count_words(len(back), 'permanence')} de plus.")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("permanences_staff:schedule_dates", closure.schedule_id)
