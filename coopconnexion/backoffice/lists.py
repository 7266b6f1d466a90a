"""Lists of ten thousand rows: filters and fields that never lay out a whole table, exports of what is filtered."""

from django import forms
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import QueryDict
from django.urls import reverse

from coopconnexion.backoffice.exports import FORMATS, export_response
from coopconnexion.backoffice.pages import visible
from coopconnexion.charts import Series, bars

SHORT_LIST = 30  # rows that one still reads through
EXPORT = "_export"


class RelatedFilter(RelatedFieldListFilter):
    """One link per row of a short table; for a long one, a box to type a name in."""

    template = "admin/related_filter.html"

    def __init__(self, field, request, params, model, model_admin, field_path):
        self.text_kwarg = f"{field_path}__cherche"
        self.text = params.get(self.text_kwarg, [""])[-1].strip()
        self.related_admin = model_admin.admin_site._registry.get(field.remote_field.model)
        super().__init__(field, request, params, model, model_admin, field_path)
        own = {*self.expected_parameters(), "p"}
        self.others = [(name, text) for name, texts in request.GET.lists() for text in texts if name not in own]

    def expected_parameters(self):
        return [*super().expected_parameters(), self.text_kwarg]

    def field_choices(self, field, request, model_admin):
        rows = visible(field.remote_field.model._default_manager.all(), request.user)
        rows = rows.order_by(*self.field_admin_ordering(field, request, model_admin))
        found = [(row.pk, str(row)) for row in rows[: SHORT_LIST + 1]]
        self.is_long = len(found) > SHORT_LIST and bool(self.related_admin and self.related_admin.search_fields)
        return [] if self.is_long else found

    def has_output(self):
        return self.is_long or super().has_output()

    def suggestions(self) -> str:
        """Return the address that completes what is typed."""
        options = self.field.model._meta
        query = QueryDict(mutable=True)
        names = {"app_label": options.app_label, "model_name": options.model_name, "field_name": self.field.name}
        query.update(names)
        return f"{reverse('admin:autocomplete')}?{query.urlencode()}"

    def queryset(self, request, queryset):
        self.used_parameters.pop(self.text_kwarg, None)
        queryset = super().queryset(request, queryset)
        if not self.text or self.related_admin is None:
            return queryset
        rows = visible(self.field.remote_field.model._default_manager.all(), request.user)
        rows, _ = self.related_admin.get_search_results(request, rows.order_by(), self.text)
        matches = queryset.model._base_manager.filter(**{f"{self.field_path}__in": rows.values("pk")})
        return queryset.filter(pk__in=matches.order_by().values("pk"))


class ShortOrSearched:
    """A short table is offered whole, so that it serves without JavaScript; a long one is searched as one types."""

    def optgroups(self, name, value, attr=None):
        if len(self.choices.queryset[: SHORT_LIST + 1]) > SHORT_LIST:
            return super().optgroups(name, value, attr)
        return forms.Select.optgroups(self, name, value, attr)


class SearchedSelect(ShortOrSearched, AutocompleteSelect):
    pass


class SearchedSelectMultiple(ShortOrSearched, AutocompleteSelectMultiple):
    pass


def filter_for(model: type[models.Model], item):
    """Return the filter of ``list_filter`` that keeps a long table out of the page."""
    try:
        each = get_fields_from_path(model, item)[-1] if isinstance(item, str) else None
    except FieldDoesNotExist:
        return item
    return (item, RelatedFilter) if each is not None and each.remote_field else item


class SearchedFields:
    """Mixin of admins and inlines: a field never lays out the whole of a table that can be searched."""

    def get_autocomplete_fields(self, request):
        """Every relation to a table that can be searched, without having to name it."""
        declared = super().get_autocomplete_fields(request)
        relations = [each for each in [*self.opts.fields, *self.opts.many_to_many] if each.remote_field]
        searched = [each.name for each in relations if self.can_search(each.remote_field.model)]
        return [*declared, *(name for name in searched if name not in (*declared, *self.raw_id_fields))]

    def can_search(self, model: type[models.Model]) -> bool:
        related = self.admin_site._registry.get(model)
        return bool(related and related.search_fields)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SearchedSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SearchedSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class LongLists(SearchedFields):
    """Mixin of admins: what a list and its forms need to stay quick, and what may be taken out of it."""

    def get_list_filter(self, request):
        return [filter_for(self.model, item) for item in super().get_list_filter(request)]

    # --- what a list shows beside its rows -----------------------------------------------------------------------

    chart_field = ""

    def get_chart(self, request, cl):
        """Return a chart of the rows that ``cl`` filters, by default by ``chart_field``, a field with choices."""
        if not self.chart_field or cl.is_popup:
            return None
        each = self.opts.get_field(self.chart_field)
        found = dict(cl.queryset.order_by().values_list(each.name).annotate(found=models.Count("pk", distinct=True)))
        labels, values = zip(*((str(words), found.get(key, 0)) for key, words in each.flatchoices), strict=True)
        plural = str(self.opts.verbose_name_plural)
        return bars(f"{plural.capitalize()} par {each.verbose_name}", labels, [Series(plural, values)])

    def changelist_view(self, request, extra_context=None):
        if EXPORT in request.GET:
            return self.export(request)
        exports = [(words, self.export_query(request, name)) for name, words in FORMATS.items()]
        response = super().changelist_view(request, {"exports": exports} | (extra_context or {}))
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["chart"] = self.get_chart(request, context["cl"])
        return response

    @staticmethod
    def export_query(request, name: str) -> str:
        query = request.GET.copy()
        query.pop("p", None)
        query[EXPORT] = name
        return query.urlencode()

    def export(self, request):
        """Answer with the rows that the address filters, in their order, in the columns of the list."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        query = request.GET.copy()
        file_format = query.pop(EXPORT)[-1]
        request.GET = query
        return export_response(self, request, file_format)
