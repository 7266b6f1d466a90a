"""What staff do with a unit, one small page each: translate, call one service, go back to the unit."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import FormView, View

from coopconnexion.backoffice import EditPage
from coopconnexion.refusals import add_refusal
from premises import services
from premises.documents.unit_facts import closed_sources, to_complete
from premises.forms.unit_actions import CloseForm, FollowForm, SplitForm, StateForm, UnitNoteForm, step_of
from premises.rules.dates import as_precise
from premises.views.unit import UnitWork


class UnitForm(UnitWork, FormView):
    """A form about one unit; ``work`` calls the service, ``done`` is said then, a refusal keeps what was typed."""

    template_name = "premises/units/actions/form.html"
    submit = "Enregistrer"
    done = "C’est enregistré."

    def work(self, form) -> None:
        raise NotImplementedError

    def told(self) -> dict:
        return {"by": self.request.user, "at": timezone.now()}

    def form_valid(self, form):
        try:
            self.work(form)
        except ValidationError as refusal:
            add_refusal(form, refusal)
            return self.form_invalid(form)
        messages.success(self.request, self.done)
        return redirect(self.address())

    def form_invalid(self, form):
        status = 409 if getattr(form, "meanwhile", None) else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**({"submit": self.submit, "cancel": self.address()} | kwargs))


class UnitEdit(EditPage, UnitForm):
    """A form that shows what is stored in ``row``, and is told of what somebody else saved meanwhile."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = getattr(self, "unit", None)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"edited": self.row}


class UnitStateView(UnitEdit):
    title = "Noter ce qu’elle est devenue"
    form_class = StateForm
    done = "Son occupation est notée."

    def get_initial(self):
        return {"state": self.row.state, "sign_name": self.row.sign_name}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": self.today}

    def work(self, form):
        unit = services.set_state(unit=self.row, **form.cleaned_data, **self.told())
        said = form["on"].value() and as_precise(form.cleaned_data["on"], form.cleaned_data["precision"])
        if said and unit.is_empty and unit.vacant_since != said:
            since = unit.vacant_since_words
            self.done = (
                f"Elle était déjà vide depuis {since}\u202f: cette date est gardée. Elle se change sur la fiche."
            )


class UnitFollowView(UnitEdit):
    title = "Suivre cette cellule"
    form_class = FollowForm
    done = "Le suivi est noté."

    def get_initial(self):
        return {"step": step_of(self.row)}

    def work(self, form):
        services.follow_unit(unit=self.row, **form.cleaned_data, **self.told())


class UnitNoteView(UnitForm):
    title = "Écrire une note"
    form_class = UnitNoteForm
    submit = "Écrire la note"
    done = "La note est écrite."

    def work(self, form):
        services.write_unit_note(unit=self.unit, **form.cleaned_data, **self.told())


# --- the public ------------------------------------------------------------------------------------------------------


class UnitPublishView(UnitForm):
    """What the public page would lack, then the button."""

    template_name = "premises/units/actions/publish.html"
    title = "Montrer au public"
    form_class = forms.Form
    submit = "Montrer au public"
    done = "Elle est montrée au public."

    def work(self, form):
        services.publish_unit(unit=self.unit, **self.told())

    def get_context_data(self, **kwargs):
        lacks = to_complete(self.unit, self.unit.photos.all())
        return super().get_context_data(lacks=lacks, closed_sources=closed_sources(self.unit), **kwargs)


class UnitWithdrawView(UnitWork, View):
    def post(self, request, pk: int):
        services.withdraw_unit(unit=self.unit, by=request.user, at=timezone.now())
        messages.success(request, "Elle n’est plus montrée au public.")
        return redirect(self.address())


# --- the end of a unit -----------------------------------------------------------------------------------------------


class LastForm(UnitForm):
    """A form that ends a unit: sent again, it says that this is done."""

    def get_initial(self):
        return {"on": self.today}

    def post(self, request, *args, **kwargs):
        if self.unit.closed_on:
            messages.info(request, "Cette cellule n’existe déjà plus.")
            return redirect(self.address())
        return super().post(request, *args, **kwargs)


class UnitCloseView(LastForm):
    title = "Elle n’existe plus"
    form_class = CloseForm
    submit = "Fermer cette cellule"
    done = "Cette cellule n’existe plus\u202f; son histoire est gardée."

    def work(self, form):
        services.close_unit(unit=self.unit, **form.cleaned_data, **self.told())


class UnitSplitView(LastForm):
    title = "Elle est divisée"
    form_class = SplitForm
    submit = "Diviser cette cellule"
    done = "Les parties sont au registre\u202f; complétez leur fiche."

    def work(self, form):
        services.split_unit(unit=self.unit, **form.cleaned_data, **self.told())
