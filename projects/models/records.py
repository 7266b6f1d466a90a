from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.uploads import private_name, private_storage
from members.models import AbstractMeeting
from projects.models.projects import OfProjectQuerySet, Project


@tracked
class Interview(AbstractMeeting):
    """A talk with the holder of a project, private to the team unless shared."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="interviews")
    summary = models.TextField("compte rendu")

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "entretien"
        indexes = [models.Index(F("project"), F("held_at"), name="projects_interview_when")]

    def __str__(self):
        return f"Entretien du {timezone.localtime(self.held_at):%d/%m/%Y}"


@tracked
class Note(models.Model):
    """A remark on a project, private to the team unless shared with the holder."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="notes")
    text = models.TextField("note")
    is_shared = models.BooleanField(
        "partagée avec la personne", default=False, help_text="Sinon, seule l’équipe la lit."
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="écrite par", related_name="+", null=True, blank=True
    )
    written_at = models.DateTimeField("écrite le", default=timezone.now, editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "note"
        indexes = [models.Index(F("project"), F("written_at"), name="projects_note_when")]

    def __str__(self):
        return f"Note du {timezone.localtime(self.written_at):%d/%m/%Y}"


@tracked
class ProjectDocument(models.Model):
    """A file about a project, private to the team unless shared with the holder."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="documents")
    title = models.CharField("titre", max_length=200)
    file = models.FileField("fichier", storage=private_storage, upload_to=private_name, max_length=200)
    filename = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size = models.PositiveIntegerField("taille (octets)")
    is_shared = models.BooleanField(
        "partagé avec la personne", default=False, help_text="Sinon, seule l’équipe le lit."
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="ajouté par", related_name="+", null=True, blank=True
    )
    added_at = models.DateTimeField("ajouté le", default=timezone.now, editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        indexes = [models.Index(F("project"), F("added_at"), name="projects_document_when")]

    def __str__(self):
        return self.title
