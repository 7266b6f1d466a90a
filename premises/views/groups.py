"""Groups of towns that a town is compared with."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max, Min, Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, ListView, View

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.backoffice import EditPage, StaffPage
from coopconnexion.refusals import add_refusal
from coopconnexion.territories.models import Commune
from premises import services
from premises.forms.groups import MOST_LINES, GroupChangeForm, GroupForm
from premises.models import ReferenceGroup

GROUPS = "gaps_staff:group_list"


def may_work(user) -> bool:
    return user.territory_ids(*WORK_ROLES) != set()


class GroupPage(StaffPage):
    def get_trail(self):
        above = [
            ("Activités manquantes", reverse("gaps_staff:gap_list")),
            ("Écarts à la référence", reverse("gaps_staff:comparison")),
        ]
        return [*above, ("Groupes de référence", reverse(GROUPS))]


class GroupWork(GroupPage):
    """For who works somewhere; readers get a 403."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not may_work(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class GroupListView(GroupPage, ListView):
    template_name = "premises/comparison/group_list.html"
    title = "Groupes de référence"
    context_object_name = "groups"

    def get_trail(self):
        return super().get_trail()[:-1]

    def get_queryset(self):
        sizes = {"towns": Count("communes"), "least": Min("communes__population"), "most": Max("communes__population")}
        groups = ReferenceGroup.objects.select_related("made_by").annotate(**sizes).order_by("name", "pk")
        return groups.prefetch_related(Prefetch("communes", Commune.objects.order_by("name", "pk")))

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_work=may_work(self.request.user), **kwargs)


class GroupFormPage(GroupWork, FormView):
    template_name = "premises/comparison/group_form.html"

    def form_valid(self, form):
        try:
            self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, "Le groupe est enregistré.")
        return redirect(GROUPS)

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)


class GroupAddView(GroupFormPage):
    """``?communes=62041&communes=62498`` begins with these towns."""

    form_class = GroupForm
    title = "Composer un groupe"

    def get_initial(self):
        codes = self.request.GET.getlist("communes")[:MOST_LINES]
        return {"communes": list(Commune.objects.filter(pk__in=codes).order_by("name", "pk"))} if codes else {}

    def work(self, form):
        services.make_group(by=self.request.user, at=timezone.now(), **form.cleaned_data)


class GroupChangeView(EditPage, GroupFormPage):
    form_class = GroupChangeForm
    title = "Corriger un groupe"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.row = get_object_or_404(ReferenceGroup, pk=kwargs["pk"])

    def get_initial(self):
        return {"name": self.row.name, "communes": list(self.row.communes.order_by("name", "pk"))}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(group=self.row, **kwargs)

    def work(self, form):
        services.change_group(group=self.row, **form.cleaned_data)


class GroupRemoveView(GroupWork, View):
    def post(self, request, pk: int):
        services.remove_group(group=get_object_or_404(ReferenceGroup, pk=pk))
        messages.success(request, "Le groupe est supprimé. Les résultats qui en viennent gardent ce qu’ils disent.")
        return redirect(GROUPS)
