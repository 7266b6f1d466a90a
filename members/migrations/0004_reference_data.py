from django.db import migrations

KINDS = [
    ("cape", "Contrat d’appui au projet d’entreprise (CAPE)", 12, 2, "support", False),
    ("cesa", "Contrat d’entrepreneur salarié associé (CESA)", None, None, "employment", True),
    ("cdi", "Contrat à durée indéterminée (CDI)", None, None, "employment", False),
    ("cdd", "Contrat à durée déterminée (CDD)", 18, 2, "employment", False),
]
EXIT_REASONS = [
    ("Création de sa propre entreprise", "business"),
    ("Reprise d’une entreprise", "business"),
    ("Emploi salarié", "job"),
    ("Entrée en formation", "training"),
    ("Non-association dans le délai", "not_associated"),
    ("Arrêt de l’activité", "other"),
    ("Déménagement ou raison personnelle", "other"),
    ("Motif non renseigné", "other"),
]
DOCUMENTS = [
    ("Pièce d’identité", None, None),
    ("Attestation de sécurité sociale", None, None),
    ("Relevé d’identité bancaire", None, None),
    ("Attestation d’assurance professionnelle", None, 12),
    ("Carte professionnelle ou qualification", None, None),
    ("Demande d’association signée", "cesa", None),
]


def add_reference_data(apps, schema_editor):
    contract_kind, exit_reason = apps.get_model("members", "ContractKind"), apps.get_model("members", "ExitReason")
    document_kind = apps.get_model("members", "DocumentKind")
    kinds = {}
    for key, label, months, renewals, nature, clock in KINDS:
        kinds[key], _ = contract_kind.objects.get_or_create(
            key=key, defaults={"label": label, "max_months": months, "max_renewals": renewals}
        )
        contract_kind.objects.filter(pk=kinds[key].pk).update(nature=nature, starts_association_clock=clock)
    for position, (label, kind) in enumerate(EXIT_REASONS, start=1):
        exit_reason.objects.get_or_create(label=label, defaults={"kind": kind, "position": position})
    for position, (label, key, months) in enumerate(DOCUMENTS, start=1):
        document_kind.objects.get_or_create(
            label=label,
            defaults={"contract_kind": kinds.get(key), "validity_months": months, "position": position},
        )


def note_departures(apps, schema_editor):
    """Who had an exit date has left, for a reason that nobody noted."""
    member, departure = apps.get_model("members", "Member"), apps.get_model("members", "Departure")
    unknown = apps.get_model("members", "ExitReason").objects.get(label="Motif non renseigné")
    left = member.objects.exclude(exited_on=None).values_list("pk", "exited_on")
    departure.objects.bulk_create(departure(member_id=pk, left_on=day, reason=unknown) for pk, day in left)


class Migration(migrations.Migration):

    dependencies = [("members", "0003_lifetimes")]

    operations = [
        migrations.RunPython(add_reference_data, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(note_departures, migrations.RunPython.noop, elidable=True),
    ]
