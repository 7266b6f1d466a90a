"""The open files of the register, at addresses that do not change, and the page that documents them."""

from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe
from django.views.generic import TemplateView

from premises.documents import open_data as documents
from premises.documents.offers import changed_at, fingerprint

AN_HOUR = 60 * 60  # seconds


def etag(request: HttpRequest) -> str:
    """The state of the open rows; both files change when it does, and when a column does."""
    state = f"{fingerprint(documents.open_units())}:{request.path}:{len(documents.COLUMNS)}"
    return f'W/"{sha256(state.encode()).hexdigest()[:32]}"'


def open_file(view):
    """Decorator: an address that anybody may read and keep an hour, and that says when nothing has changed."""
    fresh = condition(etag_func=etag, last_modified_func=lambda request: changed_at())
    return login_not_required(require_safe(cache_control(public=True, max_age=AN_HOUR)(fresh(view))))


@open_file
def units_csv(request: HttpRequest) -> StreamingHttpResponse:
    return streamed(documents.csv_lines(), "locaux.csv", "text/csv; charset=utf-8")


@open_file
def units_geojson(request: HttpRequest) -> StreamingHttpResponse:
    return streamed(documents.geojson_lines(), "locaux.geojson", "application/geo+json; charset=utf-8")


def streamed(lines, filename: str, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Access-Control-Allow-Origin"] = "*"  # open: any site may read it
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@require_safe
@cache_control(public=True, max_age=AN_HOUR)
def schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(documents.table_schema(), json_dumps_params={"ensure_ascii": False, "indent": 2})


@method_decorator(login_not_required, name="dispatch")
class OpenDataView(TemplateView):
    """What the files hold, under which licence, and since when."""

    template_name = "premises/open_data/open_data.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            columns=documents.COLUMNS,
            restricted=documents.KEPT_BACK,
            count=documents.open_units().count(),
            changed_at=changed_at(),
            **kwargs,
        )
