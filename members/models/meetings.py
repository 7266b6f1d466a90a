from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from coopconnexion.db import tracked, tracked_links
from members.enums import Attendance, MeetingMode
from members.models.members import Member


class AbstractMeeting(models.Model):
    """A talk between staff and the people they follow: when, how, how long, what was said."""

    held_at = models.DateTimeField("le")
    mode = models.CharField("mode", max_length=20, choices=MeetingMode, default=MeetingMode.ON_SITE)
    minutes = models.PositiveSmallIntegerField("durée (minutes)", null=True, blank=True)
    is_shared = models.BooleanField(
        "partagé avec la personne", default=False, help_text="Sinon, seule l’équipe le lit."
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="noté par", related_name="+", null=True, blank=True
    )
    recorded_at = models.DateTimeField("noté le", default=timezone.now, editable=False)

    class Meta:
        abstract = True


class AdviceMeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those with a member of their territories; that one may read them is ``is_readable_by``."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self
        theirs = MeetingParticipant.objects.filter(meeting=OuterRef("pk"), member__territory__in=ids)
        return self.filter(Exists(theirs))

    def unnoted(self, at):
        """Past, with somebody of whom nobody noted whether they came."""
        expected = MeetingParticipant.objects.filter(meeting=OuterRef("pk"), attendance=Attendance.EXPECTED)
        return self.filter(Exists(expected), held_at__lte=at)


@tracked
class AdviceMeeting(AbstractMeeting):
    """An advice meeting with one or several members; colleagues see that it took place, its content if it is shared."""

    participants = models.ManyToManyField(
        Member, verbose_name="participant·es", related_name="meetings", through="MeetingParticipant"
    )
    advisors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="animé par", related_name="advice_meetings"
    )
    financed_action = models.CharField("action financée", max_length=200, blank=True)
    topics = models.TextField("points abordés", blank=True)
    objectives = models.TextField("objectifs", blank=True)
    notes = models.TextField("notes", blank=True)
    is_open_to_team = models.BooleanField("lisible par les collègues", default=False)

    objects = AdviceMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "rendez-vous de conseil"
        verbose_name_plural = "rendez-vous de conseil"
        indexes = [models.Index(F("held_at"), name="members_advicemeeting_when")]

    def __str__(self):
        return f"Rendez-vous du {timezone.localtime(self.held_at):%d/%m/%Y}"

    def is_readable_by(self, user) -> bool:
        """Tell whether a member of staff who sees that it took place may read what was said; no role opens it."""
        if self.is_open_to_team or self.recorded_by_id == user.pk:
            return True
        return any(each.pk == user.pk for each in self.advisors.all())


@tracked_links
class MeetingAdvisor(AdviceMeeting.advisors.through):
    class Meta:
        proxy = True


@tracked
class MeetingParticipant(models.Model):
    """A member at an advice meeting, and whether they came."""

    meeting = models.ForeignKey(
        AdviceMeeting, models.CASCADE, verbose_name="rendez-vous", related_name="participations"
    )
    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="participations")
    attendance = models.CharField("présence", max_length=20, choices=Attendance, default=Attendance.EXPECTED)

    class Meta:
        verbose_name = "participation"
        constraints = [
            models.UniqueConstraint(
                name="members_meetingparticipant_once",
                fields=["meeting", "member"],
                violation_error_code="participant_twice",
                violation_error_message="Ce membre participe déjà à ce rendez-vous.",
            )
        ]

    def __str__(self):
        return f"{self.member}, {self.get_attendance_display()}"
