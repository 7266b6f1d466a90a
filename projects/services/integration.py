"""A project becomes a business of the coop, all or nothing; undone within the day by who did it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from coopconnexion.accounts.models import Person, User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune
from members.models import Business, Contract, ContractKind, Member
from members.services import admit_member, open_business, sign_contract
from projects.enums import Stage
from projects.models import Integration, Project, StageChange
from projects.rules import FORWARD

LATEST = timedelta(days=92)
"""How far ahead of the decision somebody may enter the coop."""

PARTS = frozenset({"contractterms", "deadlinealert", "integration", "project", "business_themes", "business_members"})
"""What comes and goes with what an integration creates, by model name; any other row depends on it."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """The first contract, as typed; ``ends_on`` is exclusive."""

    kind: ContractKind
    starts_on: date
    ends_on: date | None = None
    signed_on: date | None = None


@transaction.atomic
def integrate_project(
    *,
    project: Project,
    integrated_on: date,
    business_name: str,
    activity: str,
    by: User,
    at: datetime,
    commune: Commune | None = None,
    join: Business | None = None,
    signature: Signature | None = None,
) -> Integration:
    """Make the holder a member with a business and a contract, and close the project as integrated.

    The business to ``join`` replaces a new one; a contract in force that day replaces a ``signature``.

    :raises ValidationError: already_integrated, test_project, step_illegal, date_implausible, holder_merged,
        member_left, contract_missing, or any refusal of ``sign_contract``
    """
    project = _lock_with_holder(project)
    _refuse_unless_ready(project, integrated_on, at)
    member, made_member = _member_of(project)
    contract, made_contract = _contract_of(member, integrated_on, signature)
    business, made_business, made_link = _business_of(
        project, member, join, business_name, activity, commune, integrated_on
    )
    made = {"membre": made_member, "entreprise": made_business, "rattachement": made_link, "contrat": made_contract}
    with constraint_errors(Integration):
        integration = Integration.objects.create(
            project=project,
            from_stage=project.stage,
            member=member,
            business=business,
            contract=contract,
            created=[name for name, is_new in made.items() if is_new],
            integrated_on=integrated_on,
            integrated_by=by,
            integrated_at=at,
            next_step=project.next_step,
            next_step_on=project.next_step_on,
            pool_reason=project.pool_reason,
        )
    _close(project, member, integrated_on, by, at)
    return integration


def _lock_with_holder(project: Project) -> Project:
    """Hold the project and, first, its holder: a merge of people takes them in that order."""
    holder = Person.objects.select_for_update(of=("self",)).filter(projects=project.pk).first()
    project = Project.objects.select_for_update(of=("self",)).select_related("holder", "territory").get(pk=project.pk)
    if holder != project.holder:  # merged while this waited for the row
        raise ValidationError(
            "La fiche de cette personne vient d’être réunie à une autre : relisez la page, puis intégrez.",
            code="holder_merged",
        )
    return project


def _refuse_unless_ready(project: Project, integrated_on: date, at: datetime) -> None:
    if project.stage == Stage.INTEGRATED:
        raise ValidationError("Ce projet est déjà intégré.", code="already_integrated")
    if project.is_test:
        raise ValidationError(
            "Un projet d’essai ne compte dans aucun chiffre, et son membre compterait : décochez d’abord « projet "
            "d’essai » s’il est vrai.",
            code="test_project",
        )
    if Stage.INTEGRATED not in FORWARD.get(Stage(project.stage), ()):
        raise ValidationError(
            f"Un projet à l’étape « {project.get_stage_display()} » ne s’intègre pas directement : "
            "faites-le d’abord passer en accompagnement.",
            code="step_illegal",
        )
    if not date(2000, 1, 1) <= integrated_on <= timezone.localdate(at) + LATEST:
        raise refusal_at(
            "integrated_on", "Vérifiez la date d’intégration : au plus tard dans trois mois.", "date_implausible"
        )


def _member_of(project: Project) -> tuple[Member, bool]:
    known = Member.objects.select_for_update(of=("self",)).filter(person=project.holder).first()
    if known and known.departures.open().exists():
        raise ValidationError(
            "Cette personne est sortie de la coopérative : notez d’abord son retour sur sa fiche de membre.",
            code="member_left",
        )
    if known:
        return known, False
    member = admit_member(
        person=project.holder,
        territory=project.territory,
        advisor=project.advisor,
        source=project.source,
        referrer=project.referrer,
    )
    return member, True


def _contract_of(member: Member, integrated_on: date, signature: Signature | None) -> tuple[Contract, bool]:
    if signature:
        contract = sign_contract(
            member=member,
            kind=signature.kind,
            starts_on=signature.starts_on,
            ends_on=signature.ends_on,
            signed_on=signature.signed_on,
        )
        return contract, True
    current = member.contracts.on(integrated_on).order_by("-starts_on", "pk").first()
    if current is None:
        raise refusal_at(
            "kind", "Cette personne n’a pas de contrat à cette date : indiquez le premier contrat.", "contract_missing"
        )
    return current, False


def _business_of(project, member, join, name, activity, commune, opened_on) -> tuple[Business, bool, bool]:
    """Return the business, whether it is new, and whether the member is new in a business that was there."""
    if join:
        if join.closed_on and join.closed_on <= opened_on:
            raise refusal_at("join", "Cette entreprise est fermée à cette date.", "business_closed")
        is_new_in_it = not join.members.filter(pk=member.pk).exists()
        join.members.add(member)
        return join, False, is_new_in_it
    if not name.strip():
        raise refusal_at("business_name", "Indiquez le nom de l’entreprise.", "business_name_missing")
    business = open_business(
        name=name.strip(),
        activity=activity,
        members=[member],
        opened_on=opened_on,
        commune=commune,
        themes=project.themes.all(),
    )
    return business, True, False


def _close(project: Project, member: Member, integrated_on: date, by: User, at: datetime) -> None:
    StageChange.objects.create(
        project=project, from_stage=project.stage, to_stage=Stage.INTEGRATED, changed_at=at, changed_by=by
    )
    project.stage, project.stage_since, project.touched_at = Stage.INTEGRATED, at, at
    project.member, project.integrated_on = member, integrated_on
    project.next_step, project.next_step_on, project.wakes_on, project.pool_reason = "", None, None, ""
    project.save(
        update_fields=[
            *("stage", "stage_since", "touched_at", "member", "integrated_on"),
            *("next_step", "next_step_on", "wakes_on", "pool_reason"),
        ]
    )


# --- undoing ---------------------------------------------------------------------------------------------------------


def why_not_undone(integration: Integration, *, by: User, at: datetime) -> list[str]:
    """Return the reasons, in French, for which ``by`` may not undo this integration at ``at``; none when they may."""
    if integration.undone_at:
        return ["Cette intégration a déjà été annulée."]
    if integration.integrated_by_id != by.pk:
        return [f"Seule la personne qui l’a faite peut l’annuler : {integration.integrated_by or 'inconnue'}."]
    if timezone.localdate(integration.integrated_at) != timezone.localdate(at):
        return ["Une intégration ne s’annule que le jour même : notez plutôt une sortie sur la fiche du membre."]
    return [f"Il y a depuis : {row._meta.verbose_name} « {row} »." for row in _dependents(integration)]


@transaction.atomic
def undo_integration(*, integration: Integration, by: User, at: datetime) -> Project:
    """Put the project back where it was and take away what the integration created.

    :raises ValidationError: not_undoable, with each reason
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=integration.project_id)
    integration = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
    for row in reversed(_made(integration)):  # whoever signs or types meanwhile waits, or is seen
        type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if reasons := why_not_undone(integration, by=by, at=at):
        raise ValidationError([ValidationError(reason, code="not_undoable") for reason in reasons])
    _reopen(project, integration, by, at)
    made = _made(integration)
    if "rattachement" in integration.created and integration.business:
        integration.business.members.remove(integration.member)
    integration.undone_at, integration.undone_by = at, by
    integration.save(update_fields=["undone_at", "undone_by"])
    for row in made:
        row.delete()
    return project


def _reopen(project: Project, integration: Integration, by: User, at: datetime) -> None:
    stage = Stage(integration.from_stage)
    StageChange.objects.create(
        project=project,
        from_stage=Stage.INTEGRATED,
        to_stage=stage,
        changed_at=at,
        changed_by=by,
        reason="Intégration annulée",
    )
    project.stage, project.stage_since, project.touched_at = stage, at, at
    project.member = project.integrated_on = None
    project.next_step, project.next_step_on = integration.next_step, integration.next_step_on
    project.pool_reason = integration.pool_reason
    project.wakes_on = integration.next_step_on if stage == Stage.POOL else None
    project.save(
        update_fields=[
            *("stage", "stage_since", "touched_at", "member", "integrated_on"),
            *("next_step", "next_step_on", "wakes_on", "pool_reason"),
        ]
    )


def _made(integration: Integration) -> list[Model]:
    """Return what the integration created, what points to the others first."""
    rows = {"contrat": integration.contract, "entreprise": integration.business, "membre": integration.member}
    return [row for name, row in rows.items() if name in integration.created and row]


def _dependents(integration: Integration) -> list[Model]:
    """Return the rows that point to what the integration created and would go, or stand in the way, with it."""
    made = _made(integration)
    found = [row for each in made for row in _pointing_to(each) if row not in made]
    standing = Integration.objects.filter(undone_at=None).exclude(pk=integration.pk).select_related("project")
    found += [each.project for row in made for each in standing.filter(**{row._meta.model_name: row})]
    if "entreprise" in integration.created and integration.business:
        found += integration.business.members.exclude(pk=integration.member_id).order_by("pk")
    if "membre" in integration.created and integration.member:
        found += integration.member.businesses.exclude(pk=integration.business_id).order_by("pk")
    return list(dict.fromkeys(found))


def _pointing_to(row: Model) -> Iterable[Model]:
    for relation in row._meta.related_objects:
        model = relation.related_model
        if model._meta.model_name in PARTS or hasattr(model, "pgh_tracked_model") or relation.many_to_many:
            continue
        yield from model._base_manager.filter(**{relation.field.name: row.pk}).order_by("pk")
