"""Concurrent edits in the tables of the admin: the row, its lists and its inlines."""

from collections.abc import Iterator

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, BaseModelForm
from django.http import QueryDict

from coopconnexion.backoffice.edits import (
    Difference,
    Digests,
    Meanwhile,
    differences,
    digest,
    fill,
    gone,
    last_write,
    seal,
    shown_by,
    typed_in,
    unseal,
)

FIELD = "_version"


class Lines:
    """The lines of an inline that were typed, beside those that are stored now."""

    def __init__(self, formset: BaseInlineFormSet, seen: dict[str, Digests], data: QueryDict):
        self.seen, self.data, self.prefix = seen, data, formset.prefix
        self.name = formset.model._meta.verbose_name
        self.stored = {str(form.instance.pk): form for form in formset.initial_forms}
        self.form_class, self.formset = formset.form, formset
        self.found: list[Difference] = []

    def merge(self) -> list[Difference]:
        """Rewrite the lines of ``data`` so that they fit what is stored; return what the other changed."""
        kept, extra = [], []
        for number in range(self.count("TOTAL_FORMS")):
            line = self.line(number)
            pk = line.get(self.formset._pk_field.name, [""])[0]
            if not pk:
                extra.append(line)
            elif pk in self.stored:
                kept.append(self.compare(number, line, pk))
            elif self.lost(number, line, pk):
                extra.append({name: texts for name, texts in line.items() if name != self.formset._pk_field.name})
        kept += [self.added(form) for pk, form in self.stored.items() if pk not in self.seen]
        if self.found:
            self.write(kept, extra)
        return self.found

    def count(self, name: str) -> int:
        text = self.data.get(f"{self.prefix}-{name}", "")
        return min(int(text), 1000) if text.isascii() and text.isdigit() else 0

    def line(self, number: int) -> dict[str, list[str]]:
        start = f"{self.prefix}-{number}-"
        return {key.removeprefix(start): texts for key, texts in self.data.lists() if key.startswith(start)}

    def bound(self, number: int, instance) -> BaseModelForm:
        return self.form_class(
            self.data, prefix=f"{self.prefix}-{number}", instance=instance, **self.formset.get_form_kwargs(None)
        )

    def compare(self, number: int, line: dict, pk: str) -> dict:
        form = self.bound(number, self.stored[pk].instance)
        form.fields = self.stored[pk].fields
        changed = differences(form, self.seen.get(pk, {}), f"{self.name} « {form.instance} »")
        if changed and "DELETE" in line:
            theirs = " ; ".join(f"{each.label} : {each.theirs}" for each in changed.values())
            self.found.append(Difference(f"{self.name} « {form.instance} »", "à supprimer", theirs))
            return line
        self.found += changed.values()
        for name in [name for name, each in changed.items() if each.is_taken]:
            line = self.filled(line, form, [name])
        return line

    def filled(self, line: dict, form: BaseModelForm, names: list[str]) -> dict:
        data = QueryDict(mutable=True)
        for name in names:
            fill(data, form, name, prefix="line")
        return line | {key.removeprefix("line-"): texts for key, texts in data.lists()}

    def added(self, form: BaseModelForm) -> dict:
        self.found.append(Difference(f"{self.name} « {form.instance} »", "–", "ligne ajoutée", is_taken=True))
        line = self.filled({}, form, [name for name in form.fields if name != "DELETE"])
        return line | {self.formset._pk_field.name: [str(form.instance.pk)]}

    def lost(self, number: int, line: dict, pk: str) -> bool:
        """Tell whether a line deleted meanwhile was being changed: it is then kept as a new one."""
        form = self.bound(number, None)
        own = {self.formset._pk_field.name, self.formset.fk.name}
        seen = self.seen.get(pk, {})
        names = [name for name in seen if name not in own and name in form.fields]
        touched = [form[name] for name in names if digest(typed_in(form, name)) != seen[name]]
        if "DELETE" in line or pk not in self.seen:
            return False
        yours = " ; ".join(f"{each.label} : {each.data}" for each in touched) or "–"
        self.found.append(Difference(f"{self.name} n° {pk}", yours, "ligne supprimée", is_taken=not touched))
        return bool(touched)

    def write(self, kept: list[dict], extra: list[dict]) -> None:
        for number in range(self.count("TOTAL_FORMS")):
            for name in self.line(number):
                del self.data[f"{self.prefix}-{number}-{name}"]
        for number, line in enumerate([*kept, *extra]):
            for name, texts in line.items():
                self.data.setlist(f"{self.prefix}-{number}-{name}", texts)
        self.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(kept) + len(extra))
        self.data[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))


class GuardedEdits:
    """Mixin of admins: the second to save is told what the other saved, field by field and line by line."""

    change_form_template = "admin/change_form.html"

    def about(self, request, object_id) -> str:
        return f"{self.opts.label}:{object_id}:{request.user.pk}"

    def _changeform_view(self, request, object_id, form_url, extra_context):
        sealed = request.POST.get(FIELD) if object_id and request.method == "POST" else ""
        seen = sealed and unseal(sealed, self.about(request, unquote(object_id)))
        if seen:
            pk = unquote(object_id)
            rows = self.model._base_manager.select_for_update(of=("self",)).filter(pk=pk)
            if not rows.values_list("pk").first():
                return gone(request, self.opts, pk)
            self.compare(request, pk, seen)
        return super()._changeform_view(request, object_id, form_url, extra_context)

    def compare(self, request, pk: str, seen: dict) -> None:
        """Refuse, through ``request.refusal``, to overwrite what changed since ``seen``."""
        obj = self.get_object(request, pk)
        if obj is None or not self.has_change_permission(request, obj):
            return  # Django answers
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        form_class = self.get_form(request, obj, change=True, fields=names)
        formsets = list(self.changed_formsets(request, obj))
        now = snapshot(form_class(instance=obj), formsets)
        if now == seen:
            return
        data = request.POST.copy()
        form = form_class(data, request.FILES, instance=obj)
        changed = differences(form, seen["fields"])
        for name in [name for name, each in changed.items() if each.is_taken]:
            fill(data, form, name)
        found = list(changed.values())
        for formset in formsets:
            found += Lines(formset, seen["lines"].get(formset.prefix, {}), data).merge()
        if found:
            data[FIELD] = seal(now, self.about(request, pk))
            request.POST = data
            parts = [(formset.model, formset.fk.name) for formset in formsets]
            request.meanwhile = Meanwhile(*last_write(obj, parts), found)
            request.refusal = ValidationError(request.meanwhile.sentence)

    def changed_formsets(self, request, obj) -> Iterator[BaseInlineFormSet]:
        """Yield the unbound formsets of the inlines that the user may change, with the prefixes Django gives them."""
        prefixes: dict[str, int] = {}
        for formset_class, inline in self.get_formsets_with_inlines(request, obj):
            prefix = formset_class.get_default_prefix()
            prefixes[prefix] = prefixes.get(prefix, 0) + 1
            if prefixes[prefix] != 1:
                prefix = f"{prefix}-{prefixes[prefix]}"
            if inline.has_change_permission(request, obj):
                yield formset_class(instance=obj, prefix=prefix, queryset=inline.get_queryset(request))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change and obj and self.has_change_permission(request, obj):
            context["version"] = (
                request.POST.get(FIELD, "") if request.method == "POST" else self.version(request, context, obj)
            )
            context["meanwhile"] = getattr(request, "meanwhile", None)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def version(self, request, context, obj) -> str:
        shown = [each for each in context["inline_admin_formsets"] if each.opts.has_change_permission(request, obj)]
        seen = snapshot(context["adminform"].form, [each.formset for each in shown])
        return seal(seen, self.about(request, obj.pk))


def snapshot(form: BaseModelForm, formsets: list[BaseInlineFormSet]) -> dict:
    lines = {
        formset.prefix: {str(each.instance.pk): shown_by(each) for each in formset.initial_forms}
        for formset in formsets
    }
    return {"fields": shown_by(form), "lines": lines}
