"""Filters that staff keep under a name: one click each, then back to the list they came from."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from coopconnexion.accounts import services
from coopconnexion.accounts.models import SavedFilter
from coopconnexion.backoffice.filters import kept_filters, list_address


def back_to(page: str, query: str):
    """Return to a list that we know, with filters that are only filters."""
    address = list_address(page) or reverse("admin:index")
    try:
        kept = kept_filters(query)
    except ValidationError:
        kept = ""
    return redirect(f"{address}?{kept}" if kept else address)


def is_checked(request) -> bool:
    return "is_shared" in request.POST


@require_POST
def filter_save(request):
    page, query = request.POST.get("page", ""), request.POST.get("query", "")
    name = request.POST.get("name", "")
    try:
        services.save_filter(user=request.user, page=page, name=name, query=query, is_shared=is_checked(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, "Filtre enregistré.")
    return back_to(page, query)


@require_POST
def filter_rename(request, pk: int):
    saved = get_object_or_404(SavedFilter.objects.filter(user=request.user), pk=pk)
    try:
        services.rename_filter(saved=saved, name=request.POST.get("name", ""), is_shared=is_checked(request))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, "Filtre modifié.")
    return back_to(saved.page, request.POST.get("query", ""))


@require_POST
def filter_delete(request, pk: int):
    saved = get_object_or_404(SavedFilter.objects.filter(user=request.user), pk=pk)
    services.delete_filter(saved=saved)
    messages.success(request, f"Filtre « {saved.name} » supprimé.")
    return back_to(saved.page, request.POST.get("query", ""))


def urls(wrap) -> list:
    return [
        path("filtres/enregistrer/", wrap(filter_save), name="filter_save"),
        path("filtres/<int:pk>/modifier/", wrap(filter_rename), name="filter_rename"),
        path("filtres/<int:pk>/supprimer/", wrap(filter_delete), name="filter_delete"),
    ]
