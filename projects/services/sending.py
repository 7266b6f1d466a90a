"""A draft is sent: its holder recognised, its project opened, its advisors told."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, Person, User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import may_write_to
from coopconnexion.territories.models import Territory, Theme
from projects.emails import drafts as emails
from projects.enums import Source
from projects.models import Note, PremisesNeed, Project, ProjectDraft
from projects.services.drafts import CONTACT, NEEDS, PROJECT, STEPS, close_draft
from projects.services.opening import open_project
from projects.services.profiles import note_premises_need

FEATURES = ("needs_step_free", "needs_shop_window", "needs_water", "needs_extraction")
SENDINGS_PER_DAY = 3  # by e-mail: past it the coop calls for a talk
RECEIVED_PER_HOUR = 30  # from everywhere: past it an address is confirmed before we write to it that its project came
CALL_BACK = "Rappeler la personne : projet reçu par le site"
LATER = "Revenez dans une heure pour envoyer votre projet"
CALL_BACK_WITHIN = timedelta(days=7)


@transaction.atomic
def send_draft(*, draft: ProjectDraft, at: datetime, suspicious: bool = False) -> ProjectDraft:
    """Turn ``draft`` into a project at « premier contact », thank its holder and tell the advisors; then wipe it.

    A second submit finds it sent and changes nothing. From a ``suspicious`` network, or when projects pour in, the
    address must be confirmed first, by the link of a message.

    :raises ValidationError: draft_dropped, draft_incomplete, confirm_first, too_many_projects
    """
    draft = ProjectDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.submitted_at:
        return draft
    _refuse_unready(draft, suspicious=suspicious or _are_pouring_in(at))
    person = _recognise(draft.data[CONTACT], at=at)
    _refuse_flood(person, at=at)
    project = _open(draft, person, at=at)
    if may_write_to(email=person.email, kinds=emails.UNSOLICITED_KINDS, at=at):
        emails.write_received(draft, person=person, at=at)
    for advisor in advisors_to_tell(project, at=at):
        emails.write_told(project, draft=draft, advisor=advisor, at=at)
    Message.objects.filter(key__startswith=f"draft:{draft.pk}:", person=None).update(person=person)
    close_draft(draft=draft, at=at, submitted_at=at, project=project)
    return draft


def _refuse_unready(draft: ProjectDraft, *, suspicious: bool) -> None:
    if draft.dropped_at:
        raise ValidationError("Ce projet a été effacé : vous pouvez en commencer un autre.", code="draft_dropped")
    missing = next((step for step in STEPS if step not in draft.data), None)
    if missing or draft.data.get("typed") or not _territory(draft):
        raise ValidationError("Il manque une étape : complétez-la, puis envoyez.", code="draft_incomplete")
    if suspicious and not draft.data.get("is_confirmed"):
        is_mailed = draft.data.get("is_link_sent")
        way = "Ouvrez le lien de notre message, puis envoyez votre projet depuis là" if is_mailed else LATER
        raise ValidationError(
            f"Beaucoup de projets nous arrivent en ce moment. {way} : il est gardé.",
            code="confirm_first",
        )


def _are_pouring_in(at: datetime) -> bool:
    thanks = Message.objects.filter(kind="draft-received", created_at__gt=at - timedelta(hours=1))
    return thanks.count() >= RECEIVED_PER_HOUR


def _refuse_flood(person: Person, *, at: datetime) -> None:
    sent = ProjectDraft.objects.filter(project__holder__email=person.email, submitted_at__gt=at - timedelta(days=1))
    if sent.count() >= SENDINGS_PER_DAY:
        raise ValidationError(
            "Nous avons déjà reçu plusieurs projets de vous aujourd’hui : appelez-nous pour en parler. Celui-ci est "
            "gardé.",
            code="too_many_projects",
        )


def _recognise(contact: dict, *, at: datetime) -> Person:
    names = ("first_name", "last_name", "email", "phone")
    return recognise_person(at=at, **{name: contact[name] for name in names})


def _territory(draft: ProjectDraft) -> Territory | None:
    return Territory.objects.filter(pk=draft.data[PROJECT]["territory"]).first()


def _open(draft: ProjectDraft, person: Person, *, at: datetime) -> Project:
    told, needs = draft.data[PROJECT], draft.data[NEEDS]
    known = set(person.projects.values_list("pk", flat=True))
    project = open_project(
        holder=person,
        territory=_territory(draft),
        title=told["title"],
        pitch=told["pitch"],
        intended_activity=told["intended_activity"],
        themes=Theme.objects.active().filter(pk__in=told["themes"]),
        source=Source.WEB,
        next_step=CALL_BACK,
        next_step_on=timezone.localdate(at) + CALL_BACK_WITHIN,
        at=at,
    )
    if project.pk in known:
        _add_to_known(project, told, at=at)
    else:
        project.source_detail, project.advisor = needs["heard_from"], _only_advisor(project, at=at)
        project.save(update_fields=["source_detail", "advisor"])
    if needs["premises"] == "yes" and not PremisesNeed.objects.filter(project=project).exists():
        note_premises_need(project=project, **premises_fields(needs))
    return project


def _add_to_known(project: Project, told: dict, *, at: datetime) -> None:
    """The holder wrote of a project that is open already: what they add is kept as a note for the team."""
    if told["pitch"] and told["pitch"] != project.pitch:
        Note.objects.create(project=project, text=f"Reçu par le site :\n\n{told['pitch']}", written_at=at)


def premises_fields(needs: dict) -> dict:
    """Return the fields of the need in premises that the answers of the third step tell."""
    features = {name: True for name in FEATURES if name in needs["features"]}
    rent, day = needs["max_monthly_rent"], needs["wanted_from"]
    return features | {
        "min_area_m2": needs["min_area_m2"],
        "max_area_m2": needs["max_area_m2"],
        "max_monthly_rent": Decimal(rent) if rent else None,
        "wanted_from": date.fromisoformat(day) if day else None,
        "note": needs["note"],
    }


def advisors_to_tell(project: Project, *, at: datetime) -> list[User]:
    """Return who follows ``project``, else the advisors of its territory, else those who do the work there."""
    if project.advisor and project.advisor.is_active:
        return [project.advisor]
    workers = User.objects.advisors_of(project.territory, timezone.localdate(at)).order_by("pk")
    return list(workers.filter(pk__in=_advising(at))) or list(workers)


def _only_advisor(project: Project, *, at: datetime) -> User | None:
    """A territory with one advisor leaves no question of who follows its projects."""
    workers = User.objects.advisors_of(project.territory, timezone.localdate(at)).filter(pk__in=_advising(at))
    found = list(workers.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def _advising(at: datetime):
    return Mandate.objects.on(timezone.localdate(at)).filter(role=Role.ADVISOR).values("user")
