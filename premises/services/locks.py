"""Holding a unit while it is written, and what no longer exists apart."""

from django.core.exceptions import ValidationError

from premises.models import Unit


def locked(unit: Unit) -> Unit:
    """Read a unit anew; others who write it wait."""
    return Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)


def refuse_closed(unit: Unit) -> None:
    """:raises ValidationError: unit_closed"""
    if unit.closed_on:
        raise ValidationError(
            "Cette cellule n’existe plus\u202f: enregistrez celle qui la remplace.", code="unit_closed"
        )
