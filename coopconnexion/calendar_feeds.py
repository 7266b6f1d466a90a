"""Addresses that answer a calendar to subscribe to."""

from datetime import date, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.utils import timezone
from django.views.generic import View

from coopconnexion.calendars import Entry, feed

SINCE = timedelta(days=31)


def with_stamp(rows: QuerySet) -> QuerySet:
    """Annotate ``stamp``, when the row last changed: a calendar is the same to the byte until something changes."""
    past = rows.model._meta.get_field("history").related_model.objects.filter(pgh_obj=OuterRef("pk"))
    return rows.annotate(stamp=Subquery(past.order_by("-pgh_id").values("pgh_created_at")[:1]))


class CalendarView(View):
    """Answers a calendar; ``ConditionalGetMiddleware`` answers 304 while its bytes stay the same."""

    def get(self, request, *args, **kwargs):
        content = feed(name=self.get_name(), entries=self.get_entries())
        return HttpResponse(content, content_type="text/calendar; charset=utf-8")

    def get_name(self) -> str:
        raise NotImplementedError

    def get_entries(self) -> list[Entry]:
        raise NotImplementedError

    @staticmethod
    def first_day() -> date:
        return timezone.localdate() - SINCE
