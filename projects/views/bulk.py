"""Many projects at once, after a preview: handed over, ended, archived, taken out of the archives."""

from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import BulkPage
from coopconnexion.french import count_words
from projects import services
from projects.filters import ProjectFilter
from projects.forms.steps import CloseForm, HandOverForm
from projects.models import Project
from projects.views.pages import LIST_NAME

ELSEWHERE = "Vous ne travaillez pas sur ce territoire."


class ProjectsPage(BulkPage):
    """Chosen in the list, by its filters."""

    back = LIST_NAME

    def may_act(self, user):
        return user.territory_ids(Role.MANAGER, Role.ADVISOR) != set()

    def get_trail(self):
        return [("Liste des projets", reverse(LIST_NAME))]

    def get_rows(self):
        filters = ProjectFilter(self.request.GET, user=self.request.user)
        return filters.rows.select_related("advisor", "territory")

    def refusal(self, row, values):
        return "" if can_work(self.request.user, row.territory_id) else ELSEWHERE


class ProjectsHandOverView(ProjectsPage):
    """Several projects change hands: somebody leaves, or is away."""

    title = "Confier des projets"
    form_class = HandOverForm
    verb = "Confier"

    @cached_property
    def advisors(self):
        return User.objects.advisors_of(None, timezone.localdate()).order_by("name", "email", "pk")

    def get_form_kwargs(self):
        return {"advisors": self.advisors}

    def outcome(self, row: Project, values):
        before = f"de {row.advisor}" if row.advisor else "sans référent·e"
        return f"{before} à {values['to']}" if values else before

    def apply(self, rows, values):
        services.hand_over(projects=rows, by=self.request.user, at=timezone.now(), **values)

    def done(self, number):
        return f"{count_words(number, 'projet confié', 'projets confiés')}."


class ProjectsCloseView(ProjectsPage):
    """Refused or given up, with one reason for all."""

    title = "Terminer des projets"
    form_class = CloseForm
    verb = "Terminer"

    def get_rows(self):
        return super().get_rows().select_related("advisor", "territory", "holder")

    def refusal(self, row, values):
        return super().refusal(row, values) if row.is_open else f"Déjà terminé : {row.get_stage_display()}."

    def outcome(self, row, values):
        told = "" if row.holder.email else f" ; {row.holder} n’a pas de courriel : à prévenir de vive voix"
        return f"{row.get_stage_display()}, suivi par {row.advisor or 'personne'}{told}"

    def apply(self, rows, values):
        services.close_projects(projects=rows, by=self.request.user, at=timezone.now(), **values)

    def done(self, number):
        return f"{count_words(number, 'projet terminé', 'projets terminés')}."


class ProjectsArchiveView(ProjectsPage):
    """Out of the daily lists, kept whole: archived is not erased."""

    title = "Archiver des projets"
    verb = "Archiver"

    def refusal(self, row, values):
        if row.is_open:
            return "Ce projet est en cours : terminez-le d’abord."
        if row.archived_at:
            return "Déjà archivé."
        return super().refusal(row, values)

    def outcome(self, row, values):
        return "archivé : il quitte les listes, rien n’est effacé"

    def apply(self, rows, values):
        services.archive(projects=rows, by=self.request.user, at=timezone.now())

    def done(self, number):
        return f"{count_words(number, 'projet archivé', 'projets archivés')}."


class ProjectsUnarchiveView(ProjectsPage):
    title = "Désarchiver des projets"
    verb = "Désarchiver"

    def refusal(self, row, values):
        return super().refusal(row, values) if row.archived_at else "Ce projet n’est pas archivé."

    def outcome(self, row, values):
        return "de retour dans les listes"

    def apply(self, rows, values):
        services.unarchive(projects=rows, by=self.request.user, at=timezone.now())

    def done(self, number):
        return f"{count_words(number, 'projet désarchivé', 'projets désarchivés')}."
