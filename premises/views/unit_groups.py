"""Groups of units: filled and emptied from the list, seen, renamed and removed on their own pages."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView, ListView, View

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.french import count_words
from coopconnexion.refusals import add_refusal
from premises import services
from premises.forms.unit_groups import GroupChoiceForm, GroupNameForm, PutInGroupForm
from premises.models import UnitGroup
from premises.views.units import ELSEWHERE, LIST_NAME, TRAIL, UnitsPage

GROUPS = "premises_staff:unit_group_list"


class GroupsPage(UnitsPage):
    def get_form_kwargs(self):
        return {"user": self.request.user}

    def refusal(self, row, values):
        return "" if can_work(self.request.user, row.territory_id) else ELSEWHERE


class PutInGroupView(GroupsPage):
    title = "Ranger des locaux dans un groupe"
    form_class = PutInGroupForm
    verb = "Ranger"

    def refusal(self, row, values):
        if refused := super().refusal(row, values):
            return refused
        territory = self.territory_of(values)
        return "" if territory in (None, row.territory_id) else "Ce groupe est d’un autre territoire."

    def territory_of(self, values) -> int | None:
        """That of the group, or of the first unit when the group is new: a group has one."""
        if not values:
            return None
        group = values.get("group")
        return group.territory_id if group else self.chosen[0].territory_id

    def outcome(self, row, values):
        return "dans le groupe"

    def apply(self, rows, values):
        group = values["group"] or services.make_unit_group(
            territory=rows[0].territory, name=values["name"], **self.act()
        )
        services.put_in_group(group=group, units=rows, **self.act())

    def done(self, number):
        return f"{count_words(number, 'local rangé', 'locaux rangés')} dans le groupe."


class TakeOutOfGroupView(GroupsPage):
    title = "Sortir des locaux d’un groupe"
    form_class = GroupChoiceForm
    verb = "Sortir du groupe"

    def outcome(self, row, values):
        return "hors du groupe"

    def apply(self, rows, values):
        services.take_out_of_group(group=values["group"], units=rows, **self.act())

    def done(self, number):
        return f"{count_words(number, 'local sorti', 'locaux sortis')} du groupe."


class UnitGroupListView(StaffPage, ListView):
    """The groups of one's territories, each with how many units still stand in it; two queries."""

    template_name = "premises/units/group_list.html"
    context_object_name = "groups"
    paginate_by = 50
    title = "Groupes de locaux"

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME))]

    def get_queryset(self):
        groups = UnitGroup.objects.visible_to(self.request.user).select_related("territory", "made_by")
        standing = Count("units", filter=Q(units__closed_on=None))
        return groups.annotate(unit_count=standing).order_by("name", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for group in context["groups"]:
            group.can_work = can_work(self.request.user, group.territory_id)
        return context


class GroupWork(StaffPage):
    """A change of a group, for who works there; readers get a 403."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.group = get_object_or_404(UnitGroup.objects.visible_to(request.user), pk=kwargs["pk"])
            if request.user.is_staff and not can_work(request.user, self.group.territory_id):
                raise PermissionDenied


class UnitGroupRenameView(GroupWork, FormView):
    form_class = GroupNameForm
    template_name = "premises/campaigns/campaign_form.html"
    title = "Renommer le groupe"

    def get_trail(self):
        return [(TRAIL, reverse(LIST_NAME)), ("Groupes de locaux", reverse(GROUPS))]

    def get_initial(self):
        return {"name": self.group.name}

    def form_valid(self, form):
        try:
            services.rename_unit_group(group=self.group, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "Le groupe est renommé.")
        return redirect(GROUPS)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(submit="Renommer", cancel=reverse(GROUPS), **kwargs)


class UnitGroupRemoveView(GroupWork, View):
    http_method_names = ["post"]

    def post(self, request, pk: int):
        services.remove_unit_group(group=self.group)
        messages.success(request, f"Le groupe {self.group} est supprimé\u202f; ses locaux restent au registre.")
        return redirect(GROUPS)
