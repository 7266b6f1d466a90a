"""Signing, renewing, amending, correcting and ending contracts; association."""

from django.shortcuts import get_object_or_404
from django.utils import timezone

from coopconnexion.backoffice import EditPage
from coopconnexion.periods import last_day, months_later
from members import services
from members.careers import career_of
from members.forms.contracts import (
    AmendForm,
    AmendmentForm,
    AssociateForm,
    CorrectForm,
    EndEarlyForm,
    RenewForm,
    SignForm,
    TermsForm,
)
from members.models import Amendment, ContractKind
from members.rules import latest_end
from members.services.contracts import DETAILS
from members.views.work import ContractWork, MemberWork


class ContractSignView(MemberWork):
    form_class = SignForm
    template_name = "members/contracts/contract_sign.html"
    title = "Signer un contrat"
    done = "Le contrat est enregistré."

    def get_initial(self):
        return {"starts_on": self.today, "signed_on": self.today}

    def get_context_data(self, **kwargs):
        kinds = ContractKind.objects.active().exclude(max_months=None).order_by("label", "pk")
        return super().get_context_data(limited=kinds, career=career_of(self.member, self.today), **kwargs)

    def work(self, form):
        services.sign_contract(member=self.member, **form.cleaned_data)


class ContractRenewView(ContractWork):
    """Proposes the longest that the law allows, from the end of the contract."""

    form_class = RenewForm
    template_name = "members/contracts/contract_renew.html"
    title = "Renouveler le contrat"
    done = "Le renouvellement est enregistré."

    def get_initial(self):
        end = self.contract.ends_on
        if end is None:
            return {}
        months = self.contract.kind.max_months or 12
        return {"starts_on": end, "ends_on": months_later(end, months), "signed_on": self.today}

    def get_context_data(self, **kwargs):
        contract = self.contract
        left = contract.max_renewals is not None and contract.max_renewals - contract.renewal_rank
        latest = contract.ends_on and latest_end(contract.ends_on, contract.kind.max_months)
        return super().get_context_data(
            renewals_left=left, is_limited=contract.max_renewals is not None, latest=last_day(latest), **kwargs
        )

    def work(self, form):
        services.renew_contract(contract=self.contract, **form.cleaned_data)


class ContractAmendView(ContractWork):
    form_class = AmendForm
    template_name = "members/contracts/contract_amend.html"
    title = "Ajouter un avenant"
    done = "L’avenant est enregistré."

    def get_initial(self):
        return {"effective_on": self.today, "signed_on": self.today}

    def work(self, form):
        services.amend_contract(contract=self.contract, **form.cleaned_data)


class AmendmentCorrectView(EditPage, MemberWork):
    """Put right what an amendment says, or delete it when it is the last."""

    form_class = AmendmentForm
    template_name = "members/contracts/amendment_correct.html"
    title = "Corriger l’avenant"
    done = "L’avenant est corrigé."

    def load(self, user) -> None:
        rows = Amendment.objects.visible_to(user).select_related("contract__kind", "contract__member__person")
        self.row = self.amendment = get_object_or_404(rows, pk=self.kwargs["pk"])
        self.member = self.amendment.contract.member

    def get_initial(self):
        return {"signed_on": self.row.signed_on, "text": self.row.text}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(amendment=self.amendment, **kwargs)

    def work(self, form):
        if "remove" in self.request.POST:
            self.done = "L’avenant est supprimé\u202f; l’historique le garde."
            return services.remove_amendment(amendment=self.amendment)
        return services.correct_amendment(amendment=self.amendment, **form.cleaned_data)


class ContractTermsView(ContractWork):
    form_class = TermsForm
    template_name = "members/contracts/contract_terms.html"
    title = "Contribution et part fixe"
    done = "Les conditions sont enregistrées."

    def get_initial(self):
        terms = self.contract.terms.order_by("-starts_on").first()
        start = self.today if terms else self.contract.starts_on
        return {
            "starts_on": start,
            "contribution_rate": terms and terms.contribution_rate,
            "fixed_pay": terms and terms.fixed_pay,
        }

    def get_context_data(self, **kwargs):
        return super().get_context_data(terms=self.contract.terms.order_by("starts_on"), **kwargs)

    def work(self, form):
        services.set_terms(contract=self.contract, **form.cleaned_data)


class ContractEndView(ContractWork):
    form_class = EndEarlyForm
    template_name = "members/contracts/contract_end.html"
    title = "Mettre fin au contrat avant son terme"
    done = "La fin du contrat est enregistrée."

    def work(self, form):
        services.end_early(contract=self.contract, **form.cleaned_data)


class ContractCorrectView(EditPage, ContractWork):
    """Put right what was typed wrong, or delete what should not have been typed; the history keeps both."""

    form_class = CorrectForm
    template_name = "members/contracts/contract_correct.html"
    title = "Corriger le contrat"
    done = "Le contrat est corrigé."

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = self.contract

    def get_initial(self):
        names = ("kind", "starts_on", "ends_on", "signed_on", "ended_early_because", *DETAILS)
        return {name: getattr(self.row, name) for name in names}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.row}

    def work(self, form):
        if "remove" in self.request.POST:
            self.done = "Le contrat est supprimé\u202f; l’historique le garde."
            return services.remove_contract(contract=self.contract)
        return services.correct_contract(contract=self.contract, **form.cleaned_data)


class MemberAssociateView(EditPage, MemberWork):
    form_class = AssociateForm
    template_name = "members/contracts/member_associate.html"
    title = "Noter l’association"
    done = "L’association est enregistrée\u202f: les alertes s’arrêtent."

    def load(self, user) -> None:
        super().load(user)
        self.row = self.member

    def get_initial(self):
        names = ("associated_on", "share_count", "share_amount")
        return {name: getattr(self.row, name) for name in names}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.row}

    def get_context_data(self, **kwargs):
        return super().get_context_data(career=career_of(self.member, timezone.localdate(self.at)), **kwargs)

    def form_valid(self, form):
        if "remove" in self.request.POST:
            self.done = "L’association est retirée\u202f; l’historique la garde."
        return super().form_valid(form)

    def work(self, form):
        if "remove" in self.request.POST:
            return services.end_association(member=self.member)
        return services.associate_member(member=self.member, **form.cleaned_data)
