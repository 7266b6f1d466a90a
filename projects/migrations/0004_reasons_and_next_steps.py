from datetime import timedelta

from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

OTHER = "Autre motif"
REASONS = {
    "refused": [
        "Projet hors du champ de la coopérative",
        "Activité réglementée que la coopérative ne peut pas porter",
        "Statut incompatible (emploi à temps plein)",
        "Projet pas assez mûr",
        OTHER,
    ],
    "abandoned": [
        "Ne donne plus de nouvelles",
        "A trouvé un emploi",
        "A choisi un autre statut",
        "Raison personnelle",
        "Financement non trouvé",
        OTHER,
    ],
}


def add_reasons(apps, schema_editor):
    reason = apps.get_model("projects", "ClosingReason")
    for kind, labels in REASONS.items():
        for position, label in enumerate(labels, start=1):
            reason.objects.get_or_create(kind=kind, label=label, defaults={"position": position})


def complete_projects(apps, schema_editor):
    """Give the projects there were what every project has from now on."""
    project, change = apps.get_model("projects", "Project"), apps.get_model("projects", "StageChange")
    reason = apps.get_model("projects", "ClosingReason")
    last = change.objects.filter(project=OuterRef("pk")).order_by("-changed_at", "-pk").values("changed_at")[:1]
    project.objects.update(stage_since=Coalesce(Subquery(last), F("created_at")))
    project.objects.update(touched_at=F("stage_since"))
    for kind in REASONS:
        project.objects.filter(stage=kind).update(closing_reason=reason.objects.get(kind=kind, label=OTHER))
    today = timezone.localdate()
    later = today + timedelta(days=90)
    project.objects.filter(stage="pool").update(
        wakes_on=later, pool_reason="Motif non renseigné", next_step="Reprendre contact", next_step_on=later
    )
    project.objects.filter(stage__in=["first_contact", "assessment", "support"]).update(
        next_step="Faire le point", next_step_on=today + timedelta(days=7)
    )


class Migration(migrations.Migration):

    dependencies = [("projects", "0003_pipeline")]

    operations = [
        migrations.RunPython(add_reasons, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(complete_projects, migrations.RunPython.noop, elidable=True),
    ]
