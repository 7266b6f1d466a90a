from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from tests.bench.floor.models import FloorSlot


def day(request, day: int) -> HttpResponse:
    return render(request, "day.html", {"slots": FloorSlot.objects.filter(day=day)})


urlpatterns = [path("jour/<int:day>/", day)]
