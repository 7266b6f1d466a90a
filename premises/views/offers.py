"""The units on offer: the list with its map, the page of one, their pictures."""

import re
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe
from django.views.generic import TemplateView, View

from coopconnexion.backoffice.tables import addresses, laid_out
from coopconnexion.uploads import picture
from premises.documents import offers as documents
from premises.models import Unit, UnitPhoto
from premises.offer_filters import OfferFilter

PER_PAGE = 25
PLAIN_PAGE = re.compile(r"[1-9][0-9]{0,2}")
A_DAY = 60 * 60 * 24  # seconds: a picture taken back is in no cache the day after
SIDES = (480, 1200)  # pixels


class KnownLength(Paginator):
    """Pages of rows that are counted already."""

    def __init__(self, rows, per_page: int, *, count: int):
        super().__init__(rows, per_page)
        self.count = count


@method_decorator(login_not_required, name="dispatch")
class OfferListView(TemplateView):
    """The units on offer that answer, page by page; five queries, one for a page that nobody filtered or changed."""

    template_name = "premises/offers/list.html"

    def get(self, request, *args, **kwargs):
        self.state = documents.version()
        if not self.is_plain:
            return super().get(request, *args, **kwargs)
        key = f"offers:page:{self.state}:{request.GET.get('page', '1')}"
        return HttpResponse(documents.kept(key, self.rendered, seconds=documents.PAGE_KEPT_FOR))

    @property
    def is_plain(self) -> bool:
        """Whether all visitors read the same: no filter, no session, nothing to tell; few enough to be kept."""
        query, known = self.request.GET, {settings.SESSION_COOKIE_NAME, "messages"} & set(self.request.COOKIES)
        return not known and set(query) <= {"page"} and bool(PLAIN_PAGE.fullmatch(query.get("page", "1")))

    def rendered(self) -> str:
        return self.render_to_response(self.get_context_data()).rendered_content

    def get_context_data(self, **kwargs):
        towns = documents.towns(key=self.state)
        filters = OfferFilter(self.request.GET, towns=towns)
        rows = filters.rows
        key = sha256(f"{self.state}:{filters.asked}:{filters.form.is_valid()}".encode()).hexdigest()
        summary = documents.summary(rows, key=key)
        page = KnownLength(documents.shown(rows), PER_PAGE, count=summary.total).get_page(self.request.GET.get("page"))
        query = self.query
        return super().get_context_data(
            form=filters.form,
            towns=towns,
            asked=filters.asked,
            summary=summary,
            page=page,
            cards=self.cards(page),
            query=query,
            map=map_settings(query),
            **kwargs,
        )

    @cached_property
    def query(self) -> str:
        """The filters of the address, the page set aside."""
        query = self.request.GET.copy()
        query.pop("page", None)
        for name in [name for name, value in query.items() if not value]:
            del query[name]
        return query.urlencode()

    def cards(self, page) -> str:
        shown = documents.offers(page.object_list, first_rank=page.start_index())
        return laid_out("premises/offers.html", offers=shown, **card_addresses())


def card_addresses() -> dict:
    return {
        "address": addresses("premises:offer"),
        "interest": addresses("premises:interest"),
        "picture": photo_address,
        "heading": 3,
    }


def photo_address(pk: int) -> str:
    return reverse("premises:offer_photo", args=[pk, SIDES[0]])


def map_settings(query: str) -> dict:
    """What the map needs to know; the tiles only when the house has chosen a server for them."""
    return {
        "url": reverse("premises:offer_map") + (f"?{query}" if query else ""),
        "card": reverse("premises:offer_card", args=[0]),
        "tiles": settings.MAP_TILE_URL,
        "attribution": settings.MAP_TILE_ATTRIBUTION,
    }


# --- the map ---------------------------------------------------------------------------------------------------------


def asked_for(request: HttpRequest) -> OfferFilter:
    """The filters of the list; a town without any offer finds nothing, as it does there."""
    town = request.GET.get("commune", "")
    return OfferFilter(request.GET, towns=[(town, town)])


def map_etag(request: HttpRequest) -> str:
    """The state of every unit on offer, of the shapes behind them, and the filters."""
    state = documents.fingerprint(Unit.objects.on_offer())
    return f'W/"{sha256(f"{state}:{sorted(request.GET.lists())}".encode()).hexdigest()[:32]}"'


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
@condition(etag_func=map_etag, last_modified_func=lambda request: documents.changed_at())
def offer_map(request: HttpRequest) -> JsonResponse:
    """The units of the list that have a position, compact, and the shapes of their communes."""
    rows = asked_for(request).rows
    content = {"places": documents.places(rows), "outlines": documents.outlines(rows)}
    return JsonResponse(content, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


# --- one unit --------------------------------------------------------------------------------------------------------


class OneOffer(View):
    """Mixin: one unit on offer; any other, withdrawn or unknown, is said to be offered no more."""

    def dispatch(self, request, *args, **kwargs):
        self.unit = documents.shown(Unit.objects.on_offer()).filter(pk=kwargs["pk"]).first()
        if self.unit is None:
            return render(request, "premises/offers/gone.html", status=404)
        return super().dispatch(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class OfferView(OneOffer, TemplateView):
    template_name = "premises/offers/offer.html"

    def get_context_data(self, **kwargs):
        shown = documents.offer(self.unit)
        return super().get_context_data(
            offer=shown, unit=self.unit, facts=documents.facts(shown), sides=SIDES, **kwargs
        )


@method_decorator([login_not_required, cache_control(public=True, max_age=60)], name="dispatch")
class OfferCardView(OneOffer):
    """What the map shows of a unit that is not on the page: the same card as in the list."""

    def get(self, request, pk):
        return HttpResponse(laid_out("premises/offers.html", offers=[documents.offer(self.unit)], **card_addresses()))


def public_photo(pk: int) -> UnitPhoto | None:
    """A picture that the team shows, of a unit that is on offer."""
    return UnitPhoto.objects.filter(is_public=True, unit__in=Unit.objects.on_offer(), pk=pk).first()


def photo_etag(request: HttpRequest, pk: int, side: int) -> str | None:
    photo = public_photo(pk)
    return photo and f'"{sha256(photo.file.name.encode()).hexdigest()[:24]}-{side}"'


@login_not_required
@require_safe
@cache_control(public=True, max_age=A_DAY)
@condition(etag_func=photo_etag)
def offer_photo(request: HttpRequest, pk: int, side: int) -> FileResponse:
    """A public picture of a unit on offer, at one of the sizes that the pages show."""
    photo = public_photo(pk)
    if photo is None or side not in SIDES:
        raise Http404
    try:
        with photo.file.open("rb") as file:
            small = picture(file, max_side=side)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(small, content_type="image/webp")
