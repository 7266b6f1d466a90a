"""The base of every table of the back office: whose rows, what is refused, what the triggers recorded."""

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import DataError, models
from django.forms import ModelForm
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone

from coopconnexion.backoffice.admin_edits import GuardedEdits
from coopconnexion.backoffice.consistency import sentences_about
from coopconnexion.backoffice.contacts import HidesContacts
from coopconnexion.backoffice.history import history_page
from coopconnexion.backoffice.lists import LongLists
from coopconnexion.backoffice.pages import visible
from coopconnexion.db import constraint_errors


def refusing(form_class: type[ModelForm], refusal: ValidationError) -> type[ModelForm]:
    """Return the form that says why saving was refused."""

    class Refused(form_class):
        def clean(self):
            cleaned_data = super().clean()
            self.add_error(None, ValidationError(refusal.messages))
            return cleaned_data

    return Refused


def offered(queryset: models.QuerySet, user) -> models.QuerySet:
    """Return the rows that a form may point to: fewer, where the model says so, than those its user sees."""
    return queryset.offered_to(user) if hasattr(queryset, "offered_to") else visible(queryset, user)


IS_RETIRED = ("retired_at", admin.EmptyFieldListFilter)


class Retired:
    """Rows with ``retired_at``: a used one is retired, which takes it off the forms and keeps it where it stands."""

    actions = ["retire", "offer_again"]

    def get_readonly_fields(self, request, obj=None):
        return ["retired_at", *super().get_readonly_fields(request, obj)]

    @admin.action(description="Retirer des formulaires", permissions=["change"])
    def retire(self, request, queryset):
        self._set(request, queryset.filter(retired_at=None), timezone.now(), "retirée(s) des formulaires")

    @admin.action(description="Proposer de nouveau", permissions=["change"])
    def offer_again(self, request, queryset):
        self._set(request, queryset.exclude(retired_at=None), None, "proposée(s) de nouveau")

    def _set(self, request, queryset, moment, words):
        count = queryset.update(retired_at=moment)
        self.message_user(request, f"{count} ligne(s) {words}.")


class TrackedAdmin(GuardedEdits, HidesContacts, LongLists, admin.ModelAdmin):
    """An admin whose rows are the user's own to see, and whose history is what the database recorded."""

    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request):
        return visible(super().get_queryset(request), request.user)

    def get_field_queryset(self, db, db_field, request):
        queryset = super().get_field_queryset(db, db_field, request)
        if queryset is None:
            queryset = db_field.remote_field.model._default_manager.using(db)
        return offered(queryset.all(), request.user)

    def has_change_permission(self, request, obj=None):
        """A reader of one territory and advisor of another looks at the rows of the first."""
        if not super().has_change_permission(request, obj):
            return False
        worker = request.user.as_worker()
        if obj is None or len(worker.current_mandates) == len(request.user.current_mandates):
            return True
        return visible(self.model._default_manager.filter(pk=obj.pk), worker).exists()

    def get_changelist_instance(self, request):
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:  # « ?created_at__year=99999999999 »
            raise IncorrectLookupParameters from error

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    # --- saving: a constraint that only the database saw is a refusal of the form, not an error ------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            request.refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form_class = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return refusing(form_class, refusal) if refusal else form_class

    def save_model(self, request, obj, form, change):
        with constraint_errors(self.model):
            super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        with constraint_errors(formset.model):
            super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for sentence in sentences_about(form.instance):
            self.message_user(request, f"À vérifier : {sentence}", messages.WARNING)

    # --- history: the triggers record every write, so the admin keeps no log of its own --------------------------

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_or_change_permission(request, obj):
            raise Http404
        page = history_page(obj, request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Historique",
            "subtitle": str(obj),
            "module_name": str(self.opts.verbose_name_plural),
            "object": obj,
            "opts": self.opts,
            "page": page,
            "versions": self.told(request, page.object_list, obj) if page else [],
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)
