"""One row of everything in one territory, somebody of each role, and the address of each row."""

from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from PIL import Image

from coopconnexion.accounts.models import PersonMerge, PreparedExport, RowImport, SavedFilter
from coopconnexion.notices.services import new_link
from coopconnexion.territories.models import Activity, FacilityType, NafCode
from members.models import (
    Departure,
    DocumentKind,
    ExitReason,
    OutcomeInquiry,
    OutcomeLink,
    PublicCard,
    StatementImport,
)
from permanences.models import AgendaFeed, BookingLink, Closure, WaitingLink
from premises.enums import TenureKind
from premises.models import (
    CampaignPass,
    CountImport,
    CountSet,
    MissingActivity,
    Observation,
    Occupancy,
    Provision,
    ReferenceGroup,
    UnitDocument,
    UnitGroup,
    UnitImport,
    UnitInterest,
    UnitPhoto,
    UnitSource,
)
from projects.models import ClosingReason, DraftLink, Integration, Interview, Note, ProjectDocument, ProjectDraft
from tests import factories
from tests.access.event_rows import event_rows, event_rules
from tests.factories import (
    BookingFactory,
    MandateFactory,
    MemberFactory,
    PermanenceFactory,
    PersonLinkFactory,
    ScheduleFactory,
    SlotFactory,
    SlotOfferFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)


@pytest.fixture
def world():
    """One row of everything in one territory, and somebody of each role."""
    now = timezone.now()
    soon = now + timedelta(days=40)
    own = TerritoryFactory()
    schedule = ScheduleFactory(territory=own)
    permanence = PermanenceFactory(territory=own, schedule=schedule)
    slots = SlotFactory.create_batch(4, permanence=permanence)
    booking = BookingFactory(slot=slots[0], moved_at=now)
    entry = WaitingListEntryFactory(permanence=permanence)
    offer = SlotOfferFactory(entry=entry, slot=slots[1])
    candidate = UserFactory(email=booking.person.email)
    EmailAddress.objects.create(user=candidate, email=candidate.email, verified=True, primary=True)
    own_member = MemberFactory(territory=own)
    member = PersonLinkFactory(person=own_member.person).user
    users = {
        "visitor": None,
        "candidate": candidate,
        "member": member,
        "official": UserFactory(official=True, territory=own),
        "advisor": UserFactory(advisor=True, territory=own),
        "elsewhere": UserFactory(advisor=True, territory=TerritoryFactory()),
        "reader": UserFactory(reader=True, territory=own),
        "manager": UserFactory(manager=True),
    }
    departure = Departure.objects.create(
        member=MemberFactory(territory=own),
        left_on=date(2025, 1, 1),
        reason=ExitReason.objects.get_or_create(label="Arrêt", defaults={"kind": "other"})[0],
    )
    inquiry = OutcomeInquiry.objects.create(departure=departure, months=6, due_on=date(2025, 7, 1))
    contract = factories.ContractFactory(member__territory=own)
    seen = seen_unit(own, now)
    return SimpleNamespace(
        territory=own,
        contract=contract,
        amendment=contract.amendments.create(number=1, effective_on=contract.starts_on, subject="other", text="…"),
        card=shown_card(own_member, users["advisor"], now),
        received=factories.ReceivedDocumentFactory(member=own_member, with_file=True),
        issued=factories.IssuedDocumentFactory(member=own_member),
        seat=factories.MeetingParticipantFactory(member=own_member, meeting__is_open_to_team=True),
        inquiry=inquiry,
        outcome_token=new_link(OutcomeLink, at=now, expires_at=soon, inquiry=inquiry),
        schedule=schedule,
        closure=Closure.objects.create(
            schedule=schedule, starts_on=date(2040, 8, 1), ends_on=date(2040, 9, 1), reason="Congés"
        ),
        permanence=permanence,
        booking=booking,
        interview=Interview.objects.create(project=booking.project, held_at=now, summary="Entretien"),
        note=Note.objects.create(project=booking.project, text="Note"),
        integration=Integration.objects.create(project=booking.project, from_stage="support", integrated_on=now.date()),
        merge=PersonMerge.objects.create(kept=booking.person, gone_pk=888_888_888, merged_at=now),
        entry=entry,
        offer=offer,
        shared_document=ProjectDocument.objects.create(
            project=booking.project,
            title="Plan",
            file=ContentFile(b"%PDF-1.7", name="x"),
            filename="plan.pdf",
            content_type="application/pdf",
            size=8,
            is_shared=True,
        ),
        draft_token=new_link(
            DraftLink, at=now, expires_at=soon, draft=ProjectDraft.objects.create(email="elodie@example.org", step=2)
        ),
        saved_filter=SavedFilter.objects.create(
            user=users["advisor"], page="admin:projects_project_changelist", name="À moi", query="stage=diagnosis"
        ),
        row_import=RowImport.objects.create(
            key="membres", filename="membres.csv", sha256="0" * 64, counts={"wrong": 1}, uploaded_by=users["advisor"]
        ),
        export=ready_export(users["advisor"], now),
        shop_picture=shown_shop(own, now),
        shop_document=document_of_shop(own),
        seen=seen,
        unit_import=UnitImport.objects.create(
            source=UnitSource.objects.create(territory=own, name="Relevé"),
            filename="releve.csv",
            sha256="0" * 64,
            counts={"sheets": [{"name": "", "rows": [["Rue"], ["rue d’Arras"]], "header": 1}]},
            header_row=1,
            uploaded_by=users["advisor"],
        ),
        campaign_pass=CampaignPass.objects.create(
            campaign=seen.campaign, user=users["advisor"], token_hash="e" * 64, expires_at=soon
        ),
        unit_group=UnitGroup.objects.create(territory=own, name="Rue d’Arras"),
        gap=gap_of(own),
        idea=idea_of(own),
        provision=Provision.objects.create(
            unit=factories.UnitFactory(territory=own),
            partnership=factories.PartnershipFactory(territory=own),
            starts_on=date(2026, 1, 1),
        ),
        occupancy=Occupancy.objects.create(
            unit=factories.UnitFactory(territory=own), member=own_member, tenure="provision", starts_on=date(2026, 1, 1)
        ),
        unit_interest=UnitInterest.objects.create(
            unit=factories.UnitFactory(territory=own), project=booking.project, origin="staff"
        ),
        count_set=CountSet.objects.create(
            kind="bpe", vintage=2020, label="BPE", filename="bpe.csv", sha256="0" * 64, codes=["B203"]
        ),
        count_import=CountImport.objects.create(
            kind="bpe", vintage=2020, filename="bpe.csv", sha256="0" * 64, uploaded_by=users["manager"]
        ),
        activity=Activity.objects.create(key="cannage", label="Cannage de chaises"),
        group=ReferenceGroup.objects.create(name="Villes voisines"),
        feed=AgendaFeed.objects.create(user=users["advisor"], token_hash="f" * 64),
        statement_import=StatementImport.objects.create(
            filename="releves.csv", sha256="0" * 64, uploaded_by=users["advisor"]
        ),
        booking_token=new_link(BookingLink, at=now, expires_at=soon, booking=booking),
        entry_token=new_link(WaitingLink, at=now, expires_at=soon, entry=entry),
        feed_token=new_link(AgendaFeed, at=now, expires_at=None, user=users["advisor"]),
        users=users,
        **event_rows(own, booking.person, now),
    )


def ready_export(user, at) -> PreparedExport:
    told = {"title": "Projets", "filename": "projets.csv", "rows": 3, "requested_at": at, "ended_at": at}
    return PreparedExport.objects.create(
        requested_by=user,
        path="/gestion/projets/liste.csv",
        expires_at=at + timedelta(hours=48),
        file=ContentFile(b"Titre", name="x"),
        **told,
    )


def gap_of(territory) -> MissingActivity:
    """Return a suspected gap of the inventory of ``territory``."""
    days = {"observed_on": date(2026, 1, 5), "review_on": date(2040, 1, 5)}
    commune = factories.CommuneFactory()
    return MissingActivity.objects.create(
        territory=territory,
        commune=commune,
        label="Épicerie",
        source="study",
        evidence="Étude",
        evidence_file=ContentFile(b"%PDF-1.7", name="x"),
        evidence_filename="etude.pdf",
        **days,
    )


def idea_of(territory) -> MissingActivity:
    """A confirmed one, that everybody reads."""
    gap = gap_of(territory)
    gap.pk, gap.label, gap.activity = None, "Poissonnerie", None
    gap.status, gap.evidence, gap.review_on = "confirmed", "Enquête", date(2099, 1, 1)
    gap._state.adding = True
    gap.save()
    return gap


def seen_unit(territory, at) -> Observation:
    """Return what was seen, with a picture, of a unit of a street that is surveyed."""
    campaign = factories.SurveyCampaignFactory(territory=territory)
    unit = factories.UnitFactory(territory=territory, commune=campaign.commune)
    states = {"finding": "vacant", "state_before": "unknown", "state": "vacant"}
    told = {"client_id": uuid4(), "seen_at": at, "photo": small_picture()} | states
    return Observation.objects.create(campaign=campaign, unit=unit, **told)


def shown_shop(territory, at) -> UnitPhoto:
    """Return the public picture of a unit on offer."""
    unit = factories.UnitFactory(territory=territory, published_at=at, availability="yes")
    return UnitPhoto.objects.create(unit=unit, file=small_picture(), description="La vitrine", is_public=True)


def document_of_shop(territory) -> UnitDocument:
    told = {"title": "Bail", "filename": "bail.pdf", "content_type": "application/pdf", "size": 8}
    file = ContentFile(b"%PDF-1.7", name="x")
    return UnitDocument.objects.create(unit=factories.UnitFactory(territory=territory), file=file, **told)


def small_picture() -> ContentFile:
    content = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "WEBP")
    return ContentFile(content.getvalue(), name="x")


def shown_card(member, agreed_by, at) -> PublicCard:
    """Return the card, shown in the directory with a picture, of a business of ``member``."""
    business = business_of(member)
    business.opened_on = date(2025, 1, 1)
    business.save()
    picture = ContentFile(b"RIFF", name="four.webp")
    return PublicCard.objects.create(business=business, picture=picture, agreed_at=at, agreed_by=agreed_by)


def arguments(name: str, world) -> dict:
    """Return the arguments that make the address of a real row: the first rule that fits the name."""
    by_entry = {"token": world.entry_token}
    person, account = world.booking.person.pk, world.users["reader"]
    rules = {
        "accounts_staff:person_former": {"pk": person, "merge_pk": world.merge.pk},
        "accounts_staff:person_merge_choice": {"pk": person},
        "accounts_staff:person_merge": {"pk": person, "other": world.entry.person.pk},
        "accounts_staff:person_apart": {"pk": person, "other": world.entry.person.pk},
        "accounts_staff:person": {"pk": person},
        "accounts_staff:account": {"pk": account.pk},
        "accounts_staff:mandate_revoke": {"pk": account.mandates.get().pk},
        "accounts:invitation": {"uid": "MQ", "token": "abc-def"},
        "admin:app_list": {"app_label": "accounts"},
        "site:export_": {"pk": world.export.pk},
        "site:row_import_check": {"key": "membres", "pk": world.row_import.pk},
        "site:row_import_discard": {"key": "membres", "pk": world.row_import.pk},
        "site:row_import": {"key": "membres"},
        "admin:filter_": {"pk": world.saved_filter.pk},
        "permanences:private_feed": {"token": world.feed_token},
        "permanences:waiting_join": {"pk": world.permanence.pk},
        "permanences:waiting_": by_entry,
        "permanences:offer_": {**by_entry, "pk": world.offer.pk},
        "permanences:booking": {"token": world.booking_token},
        "permanences:my_booking": {"pk": world.booking.pk},
        "permanences_staff:waiting_remove": {"pk": world.entry.pk},
        "permanences_staff:offer_": {"pk": world.offer.pk},
        "permanences_staff:booking_pause": {"pk": world.permanence.pk},
        "permanences_staff:booking_": {"pk": world.booking.pk},
        "permanences_staff:move_answer": {"pk": world.booking.pk},
        "permanences_staff:feed_revoke": {"pk": world.feed.pk},
        "permanences_staff:closure_remove": {"pk": world.closure.pk},
        "permanences_staff:closure_add": {"pk": world.schedule.pk},
        "permanences_staff:schedule_": {"pk": world.schedule.pk},
        "permanences": {"pk": world.permanence.pk},
        "gaps_staff:activity": {"pk": world.activity.pk},
        "gaps_staff:count_import": {"pk": world.count_import.pk},
        "gaps_staff:everywhere_csv": {"pk": world.count_set.pk},
        "gaps_staff:count_": {"pk": world.count_set.pk},
        "gaps_staff:group_": {"pk": world.group.pk},
        "gaps_staff:gap": {"pk": world.gap.pk},
        "premises_staff:occupancy_add": {"pk": world.shop_picture.unit_id},
        "premises_staff:occupancy_": {"pk": world.occupancy.pk},
        "premises_staff:provision_add": {"pk": world.shop_picture.unit_id},
        "premises_staff:provision_": {"pk": world.provision.pk},
        "premises_staff:interest_add": {"pk": world.shop_picture.unit_id},
        "premises_staff:interest_": {"pk": world.unit_interest.pk},
        "premises_staff:unit_photo_add": {"pk": world.shop_picture.unit_id},
        "premises_staff:unit_document_add": {"pk": world.shop_picture.unit_id},
        "premises_staff:unit_photo": {"pk": world.shop_picture.pk},
        "premises_staff:unit_document": {"pk": world.shop_document.pk},
        "premises_staff:import_list": {},
        "premises_staff:import_add": {},
        "premises_staff:import": {"pk": world.unit_import.pk},
        "premises_staff:campaign": {"pk": world.seen.campaign_id},
        "premises_staff:observation_settle": {"pk": world.seen.pk},
        "premises_staff:unit_group_list": {},
        "premises_staff:unit_group": {"pk": world.unit_group.pk},
        "premises_staff:unit": {"pk": world.shop_picture.unit_id},
        "premises_field:observation_photo": {"pk": world.seen.pk},
        "premises_field:pass_revoke": {"pk": world.campaign_pass.pk},
        "premises_field:look": {"pk": world.seen.campaign_id, "street": "ruedarras", "unit": world.seen.unit_id},
        "premises_field:undo": {"pk": world.seen.campaign_id, "street": "ruedarras", "unit": world.seen.unit_id},
        "premises_field:street": {"pk": world.seen.campaign_id, "street": "ruedarras"},
        "premises_field:found": {"pk": world.seen.campaign_id, "street": "ruedarras"},
        "premises_field:": {"pk": world.seen.campaign_id},
        "premises:city_photo": {"pk": world.shop_picture.pk},
        "premises:city_unit": {"pk": world.shop_picture.unit_id},
        "premises:idea": {"pk": world.idea.pk},
        "premises:offer_photo": {"pk": world.shop_picture.pk, "side": 480},
        "premises:offer": {"pk": world.shop_picture.unit_id},
        "premises:interest": {"pk": world.shop_picture.unit_id},
        "members:card_edit": {"pk": world.card.business_id},
        "members_staff:amendment_correct": {"pk": world.amendment.pk},
        "members:card_picture": {"name": world.card.picture_name},
        "members:card": {"pk": world.card.pk},
        "members_staff:card_edit": {"pk": world.card.business_id},
        "members_staff:business_add": {"pk": world.received.member_id},
        "members_staff:business_leave": {"pk": world.card.business_id, "member_pk": world.received.member_id},
        "members_staff:business_": {"pk": world.card.business_id},
        "members:outcome": {"token": world.outcome_token},
        "members:document_file": {"pk": world.received.pk},
        "members:issued_document": {"pk": world.issued.pk},
        "members:own_document_issue": {"pk": world.received.member_id},
        "members_staff:meeting_add": {"pk": world.received.member_id},
        "members_staff:meeting_attendance": {"pk": world.seat.pk},
        "members_staff:meeting": {"pk": world.seat.meeting_id},
        "members_staff:document_correct": {"pk": world.received.pk},
        "members_staff:document_remove": {"pk": world.received.pk},
        "members_staff:document_": {"pk": world.received.member_id},
        "members_staff:statement_import": {"pk": world.statement_import.pk},
        "members_staff:statement_enter": {"pk": world.contract.member_id},
        "members_staff:contract_sign": {"pk": world.contract.member_id},
        "members_staff:contract_": {"pk": world.contract.pk},
        "members_staff:departure_": {"pk": world.inquiry.departure_id},
        "members_staff:inquiry_": {"pk": world.inquiry.pk},
        "members_staff:member": {"pk": world.contract.member_id},
        "projects:draft_resume": {"token": world.draft_token},
        "projects:my_document": {"pk": world.shared_document.pk},
        "projects:my_": {"pk": world.booking.project_id},
        "projects_staff:profile": {"pk": person},
        "projects_staff:interview_change": {"pk": world.interview.pk},
        "projects_staff:note_change": {"pk": world.note.pk},
        "projects_staff:document_add": {"pk": world.booking.project_id},
        "projects_staff:document_": {"pk": world.shared_document.pk},
        "projects_staff:project_document": {"pk": world.shared_document.pk},
        "projects_staff:integration_undo": {"pk": world.integration.project_id},
        "projects_staff:": {"pk": world.booking.project_id},
        **event_rules(world),
    }
    return next(values for prefix, values in rules.items() if name.startswith(prefix))


def address(name: str, world) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, kwargs=arguments(name, world))


def unknown_address(name: str, world) -> str:
    """Return the same address for a row or a token that does not exist."""
    made_up = {"pk": 999_999_999, "token": "A" * 43}
    known = arguments(name, world)
    return reverse(name, kwargs=known | {key: made_up[key] for key in known if key in made_up})


def admin_row(label: str, world):
    """Return a row of this table that belongs to the territory of ``world``."""
    own, permanence = world.territory, world.permanence
    unit = {"unit": factories.UnitFactory(territory=own), "starts_on": date(2027, 1, 1)}
    rows = {
        "accounts.mandate": lambda: MandateFactory(territory=own),
        "accounts.organisation": factories.OrganisationFactory,
        "accounts.person": lambda: world.booking.person,
        "accounts.personlink": PersonLinkFactory,
        "accounts.user": UserFactory,
        "events.event": lambda: factories.EventFactory(territory=own),
        "members.business": lambda: business_of(MemberFactory(territory=own)),
        "members.contract": lambda: factories.ContractFactory(member__territory=own),
        "members.contractkind": factories.ContractKindFactory,
        "members.documentkind": lambda: DocumentKind.objects.create(label="Attestation de conduite"),
        "members.exitreason": lambda: ExitReason.objects.create(label="Expatriation", kind="other"),
        "members.member": lambda: MemberFactory(territory=own),
        "notices.message": lambda: factories.MessageFactory(person=world.booking.person),
        "partnerships.partnership": lambda: factories.PartnershipFactory(territory=own),
        "permanences.booking": lambda: world.booking,
        "permanences.permanence": lambda: permanence,
        "permanences.schedule": lambda: world.schedule,
        "permanences.waitinglistentry": lambda: world.entry,
        "premises.occupancy": lambda: Occupancy.objects.create(
            member=MemberFactory(territory=own), tenure=TenureKind.values[0], **unit
        ),
        "premises.provision": lambda: Provision.objects.create(
            partnership=factories.PartnershipFactory(territory=own), **unit
        ),
        "premises.unit": lambda: unit["unit"],
        "premises.venue": lambda: permanence.venue,
        "projects.closingreason": lambda: ClosingReason.objects.create(kind="refused", label="Trop loin"),
        "projects.project": lambda: world.booking.project,
        "territories.activity": lambda: Activity.objects.create(key="rempaillage", label="Rempaillage"),
        "territories.commune": factories.CommuneFactory,
        "territories.facilitytype": lambda: FacilityType.objects.create(vintage=2020, code="Z101", label="Essai"),
        "territories.nafcode": lambda: NafCode.objects.create(code="00.00Z", label="Essai"),
        "territories.territory": lambda: own,
        "territories.theme": factories.ThemeFactory,
    }
    return rows[label]()


def business_of(member):
    business = factories.BusinessFactory()
    business.members.add(member)
    return business
