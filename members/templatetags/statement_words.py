"""Amounts and rates in the pages of members."""

from decimal import Decimal

from django import template

from coopconnexion.charts import spoken

register = template.Library()


@register.filter
def euros(amount: Decimal | str | None) -> str:
    """« 1 234,50 € »; a dash where nothing is known."""
    return spoken(amount, "€") if amount not in (None, "") else spoken(None)


@register.filter
def percent(rate: Decimal) -> str:
    """« 12 % », « 12,50 % »."""
    return spoken(rate, "%")
