"""The public card of a business, written by its members or by staff."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import StaffPage
from coopconnexion.refusals import add_refusal
from members import services
from members.forms.cards import CardForm
from members.models import Business, Member, PublicCard


class CardPage(FormView):
    """Three buttons: keep, keep and show, withdraw."""

    form_class = CardForm

    def get_initial(self):
        card = self.card
        return {name: getattr(card, name) for name in ("description", "website", "picture_description")}

    @property
    def card(self) -> PublicCard:
        """The card as it is now, or a blank one."""
        return PublicCard.objects.filter(business=self.business).first() or PublicCard(business=self.business)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.card}

    @method_decorator(transaction.atomic)
    def post(self, request, *args, **kwargs):
        """Others wait until this one has saved, then read what it saved."""
        get_object_or_404(Business.objects.select_for_update(of=("self",)), pk=self.business.pk)
        if "withdraw" in request.POST:
            services.withdraw_card(business=self.business, at=timezone.now())
            messages.success(request, "La fiche n’est plus dans l’annuaire.")
            return redirect(self.get_success_url())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        agreed_by = self.request.user if "publish" in self.request.POST else None
        try:
            services.edit_card(business=self.business, agreed_by=agreed_by, at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        shown = "La fiche est dans l’annuaire." if agreed_by else "La fiche est enregistrée."
        messages.success(self.request, shown)
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        card = self.card
        shown = PublicCard.objects.published(timezone.localdate()).filter(business=self.business)
        return super().get_context_data(business=self.business, card=card, is_shown=shown.exists(), **kwargs)


@method_decorator(never_cache, name="dispatch")
class OwnCardView(CardPage):
    """By a member of the business who has not left, whom staff confirmed to be behind the account."""

    template_name = "members/space/card_edit.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            present = Member.objects.of_account(request.user).present()
            own = Business.objects.filter(members__in=present.values("pk")).distinct()
            self.business = get_object_or_404(own, pk=kwargs["pk"])

    def get_success_url(self):
        return reverse("site:my_space")


class StaffCardView(StaffPage, CardPage):
    """By staff, who note the agreement given to them."""

    template_name = "members/card_edit.html"
    title = "Fiche publique"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        businesses = Business.objects.visible_to(request.user)
        self.business = get_object_or_404(businesses, pk=kwargs["pk"])
        self.member = self.business.members.visible_to(request.user).order_by("pk").first()
        if self.member is None or not can_work(request.user, self.member.territory_id):
            raise PermissionDenied

    def get_trail(self):
        page = (str(self.member.person), self.get_success_url())
        return [("Membres", reverse("members_staff:member_list")), page]

    def get_success_url(self):
        return reverse("members_staff:member", args=[self.member.pk])
