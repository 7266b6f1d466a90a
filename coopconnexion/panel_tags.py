"""``{% panels "my_space" subject %}``: what the apps above add to a page; built in for every template."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from coopconnexion.panels import panels_for

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context, place: str, subject=None) -> SafeString:
    request = context["request"]
    shown = panels_for(place, request, subject)
    return mark_safe("".join(render_to_string(panel.template, panel.context, request) for panel in shown))
