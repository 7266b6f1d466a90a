"""Long exports: asked for on a list, written by a worker as who asked may see it, kept for two days.

The worker opens the same page of the site as the person would: filters and rights are those of the page, read anew.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from tempfile import TemporaryFile
from urllib.parse import unquote

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseBase
from django.urls import resolve

from coopconnexion import jobs
from coopconnexion.accounts.models import PreparedExport, User
from coopconnexion.kept_files import forget_file
from coopconnexion.uploads import clean_name

TASK = "accounts.write_export"
KEPT = timedelta(hours=48)
DEAD = timedelta(minutes=10)
"""A claim older than this is a dead worker's: tasks are killed before."""
ATTEMPTS = 2
MOST_WAITING = 5
STOPPED = "La préparation s’est arrêtée deux fois\u202f: réduisez la liste par des filtres, puis demandez-le à nouveau."
NO_MORE = "Cette liste ne vous est plus ouverte, ou ses filtres ont changé\u202f: revenez à la liste."


@transaction.atomic
def ask_export(*, by: User, path: str, title: str, filename: str, rows: int, at: datetime) -> PreparedExport:
    """Have a worker write the export at ``path``, an address of this site; asked twice, it is written once.

    :raises ValidationError: export_address, exports_waiting
    """
    if len(path) > PreparedExport._meta.get_field("path").max_length:
        raise ValidationError(
            "Les filtres de cet export sont trop longs\u202f: retirez-en, puis recommencez.", code="export_address"
        )
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    waiting = {each.path: each for each in PreparedExport.objects.pending().filter(requested_by=by)}
    if same := waiting.get(path):
        return same
    if len(waiting) >= MOST_WAITING:
        raise ValidationError(
            f"Vous avez déjà {MOST_WAITING} exports en préparation\u202f: attendez qu’ils soient prêts.",
            code="exports_waiting",
        )
    export = PreparedExport.objects.create(
        requested_by=by, path=path, title=title, filename=clean_name(filename), rows=rows, requested_at=at
    )
    jobs.enqueue(TASK, export_id=export.pk)
    return export


def rights_of(user: User) -> list[list]:
    """Return the roles of an account and where it holds them, as a row keeps them."""
    return sorted([str(each.role), each.territory_id or 0] for each in user.current_mandates)


def may_be_given(export: PreparedExport, user: User) -> bool:
    """Say whether ``user``, whose export it is, still has every right under which it was written."""
    return all(each in rights_of(user) for each in export.rights)


# --- the worker ------------------------------------------------------------------------------------------------------


def write_export(*, export_id: int, at: datetime) -> None:
    """Write the file of an export that waits; what is refused says why in the list of exports."""
    export = claim(export_id, at)
    if export is None:
        return
    user = export.requested_by
    try:
        response = opened(export, user)
        if response.status_code != 200 or "attachment" not in response.headers.get("Content-Disposition", ""):
            raise Http404
        with TemporaryFile() as file:
            file.writelines(chunks(response))
            file.seek(0)
            export.file.save(export.filename, File(file), save=False)
    except (Http404, PermissionDenied):
        end(export, at, refusal=NO_MORE)
    else:
        end(export, at, file=export.file.name, rights=rights_of(user))


@transaction.atomic
def claim(export_id: int, at: datetime) -> PreparedExport | None:
    """Return the export if it waits for a worker, which is the caller from now on."""
    rows = PreparedExport.objects.pending().select_for_update(of=("self",)).select_related("requested_by")
    export = rows.filter(pk=export_id, started_at=None).first()
    if export:
        export.started_at = at
        export.attempts += 1
        export.save(update_fields=["started_at", "attempts"])
    return export


def opened(export: PreparedExport, user: User) -> HttpResponseBase:
    """Open the page of an export as its user.

    :raises Http404, PermissionDenied: when the page would
    """
    address, _, query = export.path.partition("?")
    named = {"PATH_INFO": unquote(address), "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request = WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), **named})
    request.user, request.htmx, request.in_background = user, False, True
    view, args, kwargs = resolve(request.path_info)
    return view(request, *args, **kwargs)


def chunks(response: HttpResponseBase) -> Iterator[bytes]:
    """Yield what a file says, then close what it was read from; ``response.close`` would end the connection too."""
    yield from response.streaming_content
    if (file := getattr(response, "file_to_stream", None)) is not None:
        file.close()


@transaction.atomic
def end(export: PreparedExport, at: datetime, **told) -> None:
    PreparedExport.objects.pending().filter(pk=export.pk).update(ended_at=at, expires_at=at + KEPT, **told)


# --- what time does --------------------------------------------------------------------------------------------------


def tend_exports(*, at: datetime) -> None:
    """Ask for another worker where one died or never came; forget the files that were kept long enough."""
    left = PreparedExport.objects.pending().filter(Q(started_at=None) | Q(started_at__lt=at - DEAD))
    for export in left.order_by("pk"):
        resume(export.pk, at)
    for export in PreparedExport.objects.filter(expires_at__lte=at).order_by("pk"):
        forget(export.pk, at)


@transaction.atomic
def resume(export_id: int, at: datetime) -> None:
    export = PreparedExport.objects.pending().select_for_update(of=("self",)).filter(pk=export_id).first()
    if export is None or (export.started_at and export.started_at >= at - DEAD):
        return
    if export.attempts >= ATTEMPTS:
        end(export, at, refusal=STOPPED)
        return
    export.started_at = None
    export.save(update_fields=["started_at"])
    jobs.enqueue(TASK, export_id=export.pk)


@transaction.atomic
def forget(export_id: int, at: datetime) -> None:
    export = PreparedExport.objects.select_for_update(of=("self",)).filter(pk=export_id, expires_at__lte=at).first()
    if export:
        forget_file(export)
        export.delete()


@transaction.atomic
def delete_export(*, export: PreparedExport) -> None:
    """Forget an export of one's own before its time; one that is being written is written to nobody."""
    forget_file(export)
    export.delete()
