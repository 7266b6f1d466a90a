"""The businesses of members: opened, described, carried by several, closed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import EditPage
from members import services
from members.forms.businesses import BusinessChangeForm, BusinessCloseForm, BusinessForm, BusinessJoinForm
from members.models import Business, Member
from members.views.work import MemberWork


class BusinessAddView(MemberWork):
    form_class = BusinessForm
    template_name = "members/businesses/business_form.html"
    title = "Ouvrir une entreprise"
    done = "L’entreprise est ouverte."

    def get_initial(self):
        return {"opened_on": self.today}

    def work(self, form):
        services.start_business(member=self.member, today=self.today, **form.cleaned_data)


class BusinessWork(MemberWork):
    """A form about one business, for who works with a member of it; ``?membre=3`` says whose page to go back to."""

    template_name = "members/businesses/business_form.html"

    def load(self, user) -> None:
        self.row = get_object_or_404(Business.objects.visible_to(user).select_related("commune"), pk=self.kwargs["pk"])
        related = Member.objects.select_related("person", "territory", "advisor")
        carriers = self.row.members.all() & related.visible_to(user)
        worked = [each for each in carriers.order_by("pk") if can_work(user, each.territory_id)]
        if not worked:
            raise PermissionDenied
        came_from = self.request.POST.get("membre") or self.request.GET.get("membre")
        self.member = next((each for each in worked if str(each.pk) == came_from), worked[0])

    def get_context_data(self, **kwargs):
        return super().get_context_data(business=self.row, **kwargs)


class BusinessChangeView(EditPage, BusinessWork):
    form_class = BusinessChangeForm
    title = "Modifier l’entreprise"
    done = "L’entreprise est enregistrée."

    def get_initial(self):
        names = ("name", "activity", "commune", "opened_on")
        return {name: getattr(self.row, name) for name in names} | {"themes": list(self.row.themes.all())}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row, "business": self.row}

    def work(self, form):
        services.edit_business(business=self.row, today=self.today, **form.cleaned_data)


class BusinessCloseView(BusinessWork):
    """Close it, or correct when it closed."""

    form_class = BusinessCloseForm
    title = "Fermer l’entreprise"
    done = "L’entreprise est fermée."

    def get_initial(self):
        return {"closed_on": self.row.closed_on}

    def work(self, form):
        services.close_business(business=self.row, today=self.today, **form.cleaned_data)


class BusinessJoinView(BusinessWork):
    form_class = BusinessJoinForm
    title = "Faire entrer quelqu’un"
    done = "L’entreprise compte une personne de plus."

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def work(self, form):
        services.join_business(business=self.row, **form.cleaned_data)


class BusinessClick(BusinessWork):
    """One click: ``act`` calls the service."""

    http_method_names = ["post"]

    def act(self) -> None:
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        try:
            self.act()
            messages.success(request, self.done)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(self.get_success_url())


class BusinessReopenView(BusinessClick):
    done = "L’entreprise est de nouveau ouverte."

    def act(self):
        services.reopen_business(business=self.row)


class BusinessLeaveView(BusinessClick):
    """The member of the address, whom the user may see, leaves; who works with somebody of the business notes it."""

    done = "C’est noté\u202f: cette personne n’est plus dans l’entreprise."

    def load(self, user) -> None:
        super().load(user)
        carriers = self.row.members.all() & Member.objects.visible_to(user).select_related("person")
        self.leaving = get_object_or_404(carriers, pk=self.kwargs["member_pk"])

    def act(self):
        services.leave_business(business=self.row, member=self.leaving)
