"""What a list of the admin shows, as a file: the same rows, the same columns, the same words."""

from collections.abc import Callable, Iterator
from html import unescape

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeData
from django.utils.text import slugify

from coopconnexion.sheets import csv_response, xlsx_response

FORMATS = {"csv": "CSV", "xlsx": "Excel"}
CHUNK = 1000
AT_ONCE = 2000
"""Rows that leave with the answer; a longer export is written by a worker."""


def is_long(request, rows: int) -> bool:
    """Say whether an export is too long to wait for; a worker that opens the same page is never told so."""
    return rows > AT_ONCE and not getattr(request, "in_background", False)


def later(request, ask: Callable, **told) -> HttpResponseBase:
    """Have a worker write the export of this very address, and lead to where it will be.

    :param ask: ``accounts.services.ask_export``; ``told`` is its title, filename and rows
    """
    try:
        ask(by=request.user, path=request.get_full_path(), at=timezone.now(), **told)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("site:export_list")


def export_response(model_admin, request, file_format: str) -> HttpResponseBase:
    """:raises Http404: for a format or filters that do not exist"""
    if file_format not in FORMATS:
        raise Http404
    try:
        changes = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise Http404 from error
    columns = [name for name in model_admin.get_list_display(request) if name != "action_checkbox"]
    header = [str(label_for_field(name, model_admin.model, model_admin)).capitalize() for name in columns]
    rows = lines(model_admin, changes.queryset, columns)
    plural = str(model_admin.opts.verbose_name_plural)
    filename = f"{slugify(plural)}-{timezone.localdate():%Y-%m-%d}.{file_format}"
    if is_long(request, number := changes.queryset.count()):
        ask = model_admin.admin_site.ask_export
        return later(request, ask, title=plural.capitalize(), filename=filename, rows=number)
    if file_format == "csv":
        return csv_response(filename, header, rows)
    return xlsx_response(filename, header, rows, sheet_name=plural.capitalize()[:31])


def lines(model_admin, queryset: models.QuerySet, columns: list[str]) -> Iterator[list]:
    for row in queryset.iterator(chunk_size=CHUNK):
        yield [cell(model_admin, row, name) for name in columns]


def cell(model_admin, row: models.Model, name: str):
    """Return what the list shows of ``row`` in column ``name``: dates and numbers stay what they are."""
    try:
        each, _, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return ""
    if each is not None and each.choices:
        value = dict(each.flatchoices).get(value, value)
    elif each is not None and each.is_relation:
        value = getattr(row, each.name)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, SafeData):
        return unescape(strip_tags(value))
    return "" if value is None else value
