"""Private calendars of staff."""

from django.conf import settings
from django.db import models

from coopconnexion.notices.models import (
    AbstractLink,
)


class AgendaFeed(AbstractLink):
    """The private calendar address of a member of staff."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="agenda_feeds"
    )

    class Meta:
        verbose_name = "agenda privé"
        verbose_name_plural = "agendas privés"

    def __str__(self):
        return f"Agenda de {self.user}"
