from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "projets"
    message_kinds = {
        "draft-started": "lien d’un projet commencé sur le site",
        "draft-relaunch": "relance d’un projet commencé sur le site",
        "draft-received": "projet bien reçu",
        "draft-told": "projet reçu par le site (équipe)",
        "project-over": "suivi refermé",
        "projects-digest": "projets de la semaine (équipe)",
    }
