from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from tests.bench.floor.models import FloorRow, FloorSlot


def day(request, day: int) -> HttpResponse:
    return render(request, "day.html", {"slots": FloorSlot.objects.filter(day=day)})


def rows(request, count: int) -> HttpResponse:
    return render(request, "rows.html", {"rows": FloorRow.objects.order_by("name")[:count]})


urlpatterns = [path("jour/<int:day>/", day), path("liste/<int:count>/", rows)]
