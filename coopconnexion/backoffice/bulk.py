"""Change many rows at once: see first what will change and what cannot, then all of it or nothing."""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from coopconnexion.backoffice.pages import StaffPage
from coopconnexion.french import count_words

MOST_ROWS = 500


@dataclass(frozen=True)
class Line:
    """A chosen row: what becomes of it, or why nothing can."""

    row: models.Model
    outcome: str = ""
    refusal: str = ""


class BulkPage(StaffPage, TemplateView):
    """A page that shows what a change would do to the rows chosen in a list, and does it once confirmed.

    The list posts ``row`` (keys) or ``every`` (all that its filters show) to this page, with its own query string:
    ``{% include "back_office/bulk_bar.html" %}`` does. A subclass says ``back``, the name of the list, and writes
    ``get_rows``, ``outcome``, ``refusal`` and ``apply``; ``form_class`` asks for what else the change needs.
    """

    template_name = "back_office/bulk.html"
    limit = MOST_ROWS
    form_class: type[forms.Form] | None = None
    back = ""
    verb = "Confirmer"

    # --- what a subclass says ------------------------------------------------------------------------------------

    def may_act(self, user) -> bool:
        """Tell whether ``user`` makes this kind of change at all; others get a 403."""
        return user.has_perm("accounts.change_person")

    def get_rows(self) -> models.QuerySet:
        """Return the rows that the list shows this user for the filters of the address, in order."""
        raise NotImplementedError

    def outcome(self, row: models.Model, values: dict) -> str:
        """Say what becomes of ``row``."""
        raise NotImplementedError

    def refusal(self, row: models.Model, values: dict) -> str:
        """Say why ``row`` cannot be changed; nothing when it can."""
        return ""

    def apply(self, rows: list[models.Model], values: dict) -> None:
        """Change all ``rows`` in one service.

        :raises ValidationError: when one of them refuses: none is changed then
        """
        raise NotImplementedError

    def done(self, number: int) -> str:
        return f"C’est fait : {count_words(number, 'ligne')} à jour."

    # --- the page ------------------------------------------------------------------------------------------------

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.is_staff and not self.may_act(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_back(self) -> str:
        query = self.request.GET.urlencode()
        return f"{reverse(self.back)}?{query}" if query else reverse(self.back)

    def get(self, request, *args, **kwargs):
        return self.turn_back("Cochez d’abord des lignes de la liste.")

    def post(self, request, *args, **kwargs):
        if not self.chosen:
            return self.turn_back("Cochez d’abord des lignes de la liste.")
        if len(self.chosen) > self.limit:
            return self.turn_back(f"Au plus {self.limit} lignes à la fois : affinez les filtres, puis recommencez.")
        if "confirm" not in request.POST:
            return self.show(self.form(bound=False))
        form = self.form(bound=True)
        if form is not None and not form.is_valid():
            return self.show(form)
        return self.confirm(form, form.cleaned_data if form is not None else {})

    def confirm(self, form, values: dict):
        lines = self.lines(values)
        if any(line.refusal for line in lines):
            return self.show(form, lines, "Rien n’a changé : des lignes ont bougé depuis l’aperçu. Relisez, confirmez.")
        try:
            with transaction.atomic():
                self.apply([line.row for line in lines], values)
        except ValidationError as refusal:
            return self.show(form, lines, f"Rien n’a changé. {' '.join(refusal.messages)}")
        messages.success(self.request, self.done(len(lines)))
        return redirect(self.get_back())

    def turn_back(self, why: str):
        messages.warning(self.request, why)
        return redirect(self.get_back())

    @cached_property
    def chosen(self) -> list[models.Model]:
        """The chosen rows, one more than the limit at most."""
        sent = self.request.POST
        rows = self.get_rows()
        if "every" not in sent and sent.get("select_across") != "1":
            keys = [key for key in (*sent.getlist("row"), *sent.getlist("_selected_action")) if key.isascii()]
            rows = rows.filter(pk__in=[key for key in keys[: self.limit + 1] if key.isdigit() and len(key) < 19])
        return list(rows[: self.limit + 1])

    def form(self, *, bound: bool) -> forms.Form | None:
        if self.form_class is None:
            return None
        return self.form_class(self.request.POST if bound else None, **self.get_form_kwargs())

    def get_form_kwargs(self) -> dict:
        return {}

    def lines(self, values: dict) -> list[Line]:
        found = []
        for row in self.chosen:
            why_not = self.refusal(row, values)
            found.append(Line(row, refusal=why_not) if why_not else Line(row, outcome=self.outcome(row, values)))
        return found

    def show(self, form, lines: list[Line] | None = None, refusal: str = ""):
        values = form.cleaned_data if form is not None and form.is_bound and form.is_valid() else {}
        lines = self.lines(values) if lines is None else lines
        context = self.get_context_data(
            form=form,
            changing=[line for line in lines if not line.refusal],
            refused=[line for line in lines if line.refusal],
            refusal=refusal,
            verb=self.verb,
            back=self.get_back(),
        )
        return self.render_to_response(context)


def bulk_action(page: str, description: str, permissions: tuple[str, ...] = ("change",)):
    """Return an action of the admin that hands the chosen rows to the ``BulkPage`` named ``page``."""

    @admin.action(description=description, permissions=permissions)
    def act(model_admin, request, queryset):
        address = HttpResponseRedirect(f"{reverse(page)}?{request.GET.urlencode()}")
        address.status_code = 307  # the choice is posted again
        return address

    act.__name__ = page.replace(":", "_")
    return act


def table_rows(model: type[models.Model], request) -> models.QuerySet:
    """Return the rows that the table of the admin shows for the filters of the address: ``get_rows`` of its actions."""
    return admin.site.get_model_admin(model).get_changelist_instance(request).queryset
