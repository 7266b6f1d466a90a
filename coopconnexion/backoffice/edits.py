"""Two people edit one row: the second to save is told what the other saved, and keeps what they typed.

A form carries its ``version``: a signed digest of every value it showed when it was opened. When the row no longer
shows them, saving is refused once, with the differences; the form then carries the new version, and may be saved
knowingly.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.choices import flatten_choices

from coopconnexion.backoffice.history import AUTOMATIC, EMPTY, author, author_names, link_events, say_value
from coopconnexion.backoffice.pages import StaffPage
from coopconnexion.french import moment_words, time_words
from coopconnexion.periods import LastDayField, last_day

VERSION = "version"
Digests = dict[str, str]


# --- versions --------------------------------------------------------------------------------------------------------


def plain(value) -> str:
    """Write a value so that what is shown, typed and stored alike is written alike."""
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, list | tuple | set | models.QuerySet):
        return "\n".join(sorted(map(plain, value)))
    if isinstance(value, datetime):
        moment = value if timezone.is_aware(value) else timezone.make_aware(value)
        with suppress(OverflowError):  # the first day of the year 1 begins before it, elsewhere
            moment = moment.astimezone(UTC)
        return moment.isoformat(timespec="seconds")
    return str(value).replace("\r\n", "\n").strip()


def digest(value) -> str:
    return hashlib.md5(plain(value).encode(), usedforsecurity=False).hexdigest()[:12]


def shown_by(form: forms.BaseForm) -> Digests:
    """Return the digest of each value that ``form`` shows before anybody types."""
    return {
        name: digest(form.get_initial_for_field(each, name))
        for name, each in form.fields.items()
        if name not in (VERSION, "DELETE") and not each.disabled
    }


def seal(seen: object, about: str) -> str:
    return signing.Signer(salt=f"version:{about}").sign_object(seen, compress=True)


def unseal(version: str, about: str):
    """Return what was sealed about this row; ``None`` when the form carried nothing, or something else."""
    try:
        return signing.Signer(salt=f"version:{about}").unsign_object(version)
    except (signing.BadSignature, ValueError):
        return None


# --- differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A value that changed since the form was opened; ``is_taken``: who typed left it alone, so the other's stands."""

    label: str
    yours: str
    theirs: str
    is_taken: bool = False


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else saved since the form was opened."""

    who: str
    at: datetime | None
    differences: list[Difference] = field(default_factory=list)

    @property
    def when(self) -> str:
        if self.at is None:
            return ""
        is_today = timezone.localtime(self.at).date() == timezone.localdate()
        return f"à {time_words(self.at)}" if is_today else f"le {moment_words(self.at)}"

    @property
    def by(self) -> str:
        if self.who == AUTOMATIC:
            return f"par un {AUTOMATIC}"
        return self.who and f"par {self.who}"

    @property
    def sentence(self) -> str:
        words = " ".join(filter(None, ["Modifié entre-temps", self.by, self.when]))
        return f"{words}. Rien n’est perdu : comparez, puis enregistrez de nouveau."


class Unread(list):
    """What was typed in a field that cannot read it: shown back as it is, never looked up."""


def typed_in(form: forms.BaseForm, name: str):
    """Return the clean value typed in a field, or what was typed when it is not valid, in a list of one."""
    each, bound = form.fields[name], form[name]
    try:
        if isinstance(each, forms.FileField):
            return each.clean(bound.data, form.get_initial_for_field(each, name))
        return each.clean(bound.data)
    except ValidationError:
        return Unread([bound.data])


def say(each: forms.Field, value) -> str:
    """Write the value of a field of a form as its page would."""
    if isinstance(value, Unread):
        return ", ".join(map(str, value)) or EMPTY
    if isinstance(each, forms.ModelChoiceField):
        rows = value if isinstance(value, list | tuple | set | models.QuerySet) else [value]
        return ", ".join(name_of(each, row) for row in rows if row not in (None, "")) or EMPTY
    if value in (None, "", []):
        return EMPTY
    if isinstance(each, forms.ChoiceField):
        names = {str(key): str(words) for key, words in flatten_choices(each.choices)}
        return ", ".join(names.get(str(key), str(key)) for key in (value if isinstance(value, list) else [value]))
    return say_value(last_day(value) if isinstance(each, LastDayField) and not isinstance(value, list) else value)


def name_of(each: forms.ModelChoiceField, row) -> str:
    if isinstance(row, models.Model):
        return str(row)
    found = each.queryset.model._base_manager.filter(**{each.to_field_name or "pk": row}).first()
    return str(found or row)


def differences(form: forms.BaseForm, seen: Digests, about: str = "") -> dict[str, Difference]:
    """Return what a bound ``form`` would overwrite and what it should take, by the name of the field."""
    found = {}
    for name, now in shown_by(form).items():
        typed = typed_in(form, name)
        if name not in seen or seen[name] == now or digest(typed) == now:
            continue
        each, stored = form.fields[name], form.get_initial_for_field(form.fields[name], name)
        label = str(form[name].label)
        found[name] = Difference(
            label=f"{about}, {label[:1].lower()}{label[1:]}" if about else label[:1].upper() + label[1:],
            yours=say(each, typed),
            theirs=say(each, stored),
            is_taken=digest(typed) == seen[name],
        )
    return found


def fill(data: QueryDict, form: forms.BaseForm, name: str, prefix: str = "") -> None:
    """Write the stored value of a field into ``data``, as its widget would have sent it."""
    each = form.fields[name]
    widget, key = getattr(each.widget, "widget", each.widget), f"{prefix}-{name}" if prefix else form.add_prefix(name)
    value = each.prepare_value(form.get_initial_for_field(each, name))
    if isinstance(widget, forms.MultiWidget):
        for suffix, part, piece in zip(widget.widgets_names, widget.widgets, widget.decompress(value), strict=True):
            data[key + suffix] = part.format_value(piece) or ""
    elif isinstance(widget, forms.CheckboxInput):
        data.setlist(key, ["on"] if value else [])
    elif not isinstance(widget, forms.FileInput):
        sent = widget.format_value(value)
        data.setlist(key, [str(one) for one in sent] if isinstance(sent, list | tuple) else [str(sent or "")])


def last_write(row: models.Model, parts: Iterable[tuple[type[models.Model], str]] = ()) -> tuple[str, datetime | None]:
    """Return who last wrote ``row``, its lists or its ``parts`` (model, name of the key to the row), and when."""
    histories = [row.history.all()] if hasattr(row, "history") else []
    for model, key in parts:
        if hasattr(model, "history"):
            histories.append(model.history.rel.related_model.objects.filter(**{key: row.pk}))
    events = [each.select_related("pgh_context").order_by("-pgh_id").first() for each in histories]
    events += [event for each in row._meta.many_to_many for event in link_events(each, row, since=None, before=None)]
    events = [event for event in events if event]
    if not events:
        return "", None
    latest = max(reversed(events), key=lambda event: event.pgh_created_at)
    return author(latest, author_names([latest])), latest.pgh_created_at


# --- the pages of staff ----------------------------------------------------------------------------------------------


class EditedMeanwhile:
    """Form mixin: refuse once, with the differences, to overwrite what changed since the form was opened.

    ``edited`` is the row; ``initial`` (or ``instance``) holds its present values, when the form is bound too. After a
    refusal ``meanwhile`` tells what the other saved: ``{% include "back_office/edited_meanwhile.html" %}`` shows it.
    A view that inherits ``EditPage`` leaves no gap between this check and the service.
    """

    def __init__(self, *args, edited: models.Model, **kwargs):
        super().__init__(*args, **kwargs)
        self.edited, self.meanwhile = edited, None
        about, shown = f"{edited._meta.label}:{edited.pk}", shown_by(self)
        version = seal(shown, about)
        self.fields[VERSION] = forms.CharField(widget=forms.HiddenInput, required=False, initial=version)
        seen = self.is_bound and unseal(self.data.get(self.add_prefix(VERSION), ""), about)
        if seen and seen != shown and (found := differences(self, seen)):
            self.meanwhile = Meanwhile(*last_write(edited), list(found.values()))
            self.data = self.data.copy()
            self.data[self.add_prefix(VERSION)] = version
            for name in [name for name, each in found.items() if each.is_taken]:
                fill(self.data, self, name)

    def clean(self):
        cleaned_data = super().clean()
        (self.cleaned_data if cleaned_data is None else cleaned_data).pop(VERSION, None)
        if self.meanwhile:
            self.add_error(None, ValidationError(self.meanwhile.sentence, code="edited_meanwhile"))
        return cleaned_data


class EditPage(StaffPage):
    """Mixin of the views that change ``row``, loaded in ``setup()``: others wait until this one has saved.

    Who saves a row deleted meanwhile is told so, and reads what they typed.
    """

    row: models.Model

    def post(self, request, *args, **kwargs):
        with transaction.atomic():
            rows = type(self.row)._base_manager.select_for_update(of=("self",))
            kept = rows.filter(pk=self.row.pk).first()
            if kept is None:
                return gone(request, self.row._meta, self.row.pk)
            self.row = kept
            return super().post(request, *args, **kwargs)


def gone(request, opts, pk) -> TemplateResponse:
    """Say that the row was deleted while its form was open, by whom, and show what was typed.

    :raises Http404: when no history tells that it was there
    """
    history = getattr(opts.model, "history", None)
    past = history and history.rel.related_model.objects.filter(pgh_obj_id=pk).select_related("pgh_context")
    event = past and past.order_by("-pgh_id").first()
    if not event:
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": "Supprimé entre-temps",
        "opts": opts,
        "meanwhile": Meanwhile(author(event, author_names([event])), event.pgh_created_at),
        "typed": typed_words(request.POST, opts),
    }
    return TemplateResponse(request, "back_office/gone.html", context, status=409)


def typed_words(data: QueryDict, opts) -> list[tuple[str, str]]:
    """Return what was typed in the fields of a row, under their French names; what points to other rows is left out."""
    labels = {each.name: str(each.verbose_name) for each in opts.fields if not each.is_relation}
    return [(labels[name], text) for name, texts in data.lists() for text in texts if name in labels and text]
