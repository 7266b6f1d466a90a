"""The public directory of the businesses whose members agree to be shown."""

from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, F, OuterRef, Q, Value
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.generic import DetailView, ListView, View

from coopconnexion.db import folded
from members.models import Business, PublicCard

LONGEST_QUERY = 80
A_DAY = 60 * 60 * 24  # seconds: a picture taken back is in no cache the day after


def shown_cards():
    """The cards in the directory today."""
    cards = PublicCard.objects.published(timezone.localdate())
    return cards.select_related("business__commune").prefetch_related("business__themes")


@method_decorator(login_not_required, name="dispatch")
class DirectoryView(ListView):
    """Every business shown, by name, theme and town; four queries."""

    template_name = "members/directory/directory.html"
    context_object_name = "cards"
    paginate_by = 24

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
        self.theme, self.town = request.GET.get("theme", ""), request.GET.get("commune", "")

    def get_queryset(self):
        cards = shown_cards().alias(name=folded(F("business__name")))
        if self.query:
            cards = cards.filter(self.answers(self.query))
        if self.theme:
            themed = Business.themes.through.objects.filter(business=OuterRef("business"), theme__key=self.theme)
            cards = cards.filter(Exists(themed))
        if self.town:
            cards = cards.filter(business__commune=self.town)
        return cards.order_by("name", "pk")

    @staticmethod
    def answers(query: str) -> Q:
        found = Q()
        for word in query.split():
            like = folded(Value(word))
            found &= (
                Q(name__contains=like)
                | Q(business__activity__unaccent__icontains=word)
                | Q(description__unaccent__icontains=word)
            )
        return found

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **self.choices(), query=self.query, theme=self.theme, town=self.town, is_filtered=self.is_filtered, **kwargs
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or self.theme or self.town)

    @staticmethod
    def choices() -> dict:
        """The themes and the towns that some card bears: one query."""
        rows = PublicCard.objects.published(timezone.localdate()).values_list(
            "business__themes__key", "business__themes__label", "business__commune", "business__commune__name"
        )
        rows = list(rows.distinct())
        themes = sorted({(label, key) for key, label, _, _ in rows if key})
        towns = sorted({(name, code) for _, _, code, name in rows if code})
        return {"themes": [(key, label) for label, key in themes], "towns": [(code, name) for name, code in towns]}


@method_decorator(login_not_required, name="dispatch")
class CardView(DetailView):
    """One business; its members are not named."""

    template_name = "members/directory/card.html"
    context_object_name = "card"

    def get_queryset(self):
        return shown_cards()


@method_decorator([login_not_required, cache_control(public=True, max_age=A_DAY, immutable=True)], name="dispatch")
class CardPictureView(View):
    """The picture of a card shown; its name changes with its content."""

    def get(self, request, name):
        card = get_object_or_404(shown_cards(), picture=f"cards/{PurePosixPath(name).name}")
        try:
            return FileResponse(card.picture.open("rb"), content_type="image/webp")
        except FileNotFoundError:
            raise Http404 from None
