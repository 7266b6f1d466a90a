"""Who may enter: accounts with a role, what each has in charge and changed lately; for the direction alone."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, TemplateView, View

from coopconnexion.accounts import duties, services
from coopconnexion.accounts.activity import activity_page
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.backoffice import StaffPage
from coopconnexion.territories.models import Territory


class DirectionPage(StaffPage):
    """A page of the direction: other staff are refused."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_staff and Role.MANAGER not in request.user.roles:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_trail(self):
        return [("Qui a accès", reverse("accounts_staff:access_list"))]


class AccessListView(DirectionPage, ListView):
    """Every account that a mandate in force or to come lets in, with its last sign-in."""

    template_name = "accounts/access_list.html"
    title = "Qui a accès"
    paginate_by = 50

    def get_trail(self):
        return []

    def get_queryset(self):
        self.today = timezone.localdate()
        lasting = Mandate.objects.lasting(self.today).select_related("territory").order_by("role", "starts_on", "pk")
        accounts = User.objects.filter(pk__in=Mandate.objects.lasting(self.today).values("user"))
        shown = Prefetch("mandates", queryset=lasting, to_attr="lasting_mandates")
        return accounts.prefetch_related(shown).order_by("email", "pk")

    def get_context_data(self, **kwargs):
        return super().get_context_data(today=self.today, **kwargs)


class AccountPage(DirectionPage):
    """A page about one account."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.today = timezone.localdate()

    def account(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def back(self):
        return redirect("accounts_staff:account", self.kwargs["pk"])


class AccountView(AccountPage, TemplateView):
    """Mandates, what is in charge and where to hand it over, what was changed lately."""

    template_name = "accounts/account.html"

    def get_title(self):
        return str(self.user)

    def get(self, request, *args, **kwargs):
        self.user = self.account()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        mandates = self.user.mandates.select_related("territory").order_by("-starts_on", "-pk")
        return super().get_context_data(
            account=self.user,
            mandates=mandates,
            today=self.today,
            duties=self.placed_duties(),
            page=activity_page(self.user, self.request.GET.get("page")),
            **kwargs,
        )

    def placed_duties(self) -> list[tuple[duties.Duty, Territory | None]]:
        found = duties.duties_of(self.user)
        territories = Territory.objects.in_bulk({duty.territory_id for duty in found if duty.territory_id})
        return [(duty, territories.get(duty.territory_id)) for duty in found]


class AccountWork(AccountPage, View):
    """One click about an account, then back to its page."""

    http_method_names = ["post"]
    done: str

    def post(self, request, *args, **kwargs):
        self.user = self.account()
        try:
            self.work()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self.done.format(user=self.user))
        return redirect("accounts_staff:account", self.user.pk)

    def work(self) -> None:
        raise NotImplementedError


class AccountCloseView(AccountWork):
    done = "Le compte de {user} est fermé : plus personne n’y entre."

    def work(self):
        services.close_account(user=self.user, today=self.today)


class AccountReopenView(AccountWork):
    done = "Le compte de {user} est rouvert."

    def work(self):
        services.reopen_account(user=self.user)


class MandateRevokeView(AccountWork):
    done = "Ce rôle est retiré à {user} dès maintenant."

    def account(self):
        mandates = Mandate.objects.lasting(self.today).select_related("user", "territory")
        self.mandate = get_object_or_404(mandates, pk=self.kwargs["pk"])
        return self.mandate.user

    def work(self):
        services.revoke_mandate(mandate=self.mandate, today=self.today)
