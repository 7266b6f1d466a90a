"""What is added to the life of a unit and never changed: notes and steps of its follow-up."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from premises.enums import FollowUpDetail, FollowUpStatus
from premises.models.units import OfUnitQuerySet, Unit


class UnitEntry(models.Model):
    """A dated line of the life of a unit; the database refuses to change it."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="cellule", related_name="%(class)ss")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+", null=True, blank=True
    )
    written_at = models.DateTimeField("le", default=timezone.now, editable=False)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        abstract = True


class UnitNote(UnitEntry):
    """A remark of the team."""

    text = models.TextField("note")

    class Meta:
        verbose_name = "note sur une cellule"
        verbose_name_plural = "notes sur les cellules"
        indexes = [models.Index(F("unit"), F("written_at"), name="premises_unitnote_when")]
        triggers = [pgtrigger.Protect(name="premises_unitnote_kept", operation=pgtrigger.Update)]

    def __str__(self):
        return f"Note du {timezone.localtime(self.written_at):%d/%m/%Y}"


class FollowUp(UnitEntry):
    """A step of the follow-up of a unit: its status from then on, and why."""

    status = models.CharField("suivi", max_length=20, choices=FollowUpStatus)
    detail = models.CharField("précision", max_length=20, choices=FollowUpDetail, blank=True)
    note = models.TextField("remarque", blank=True)

    class Meta:
        verbose_name = "étape de suivi"
        verbose_name_plural = "étapes de suivi"
        indexes = [models.Index(F("unit"), F("written_at"), name="premises_followup_when")]
        triggers = [pgtrigger.Protect(name="premises_followup_kept", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.get_status_display()} le {timezone.localtime(self.written_at):%d/%m/%Y}"
