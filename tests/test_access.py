"""Who may open what: every address of the site, asked for by every role, compared with what is declared here.

A new address fails ``test_every_address_has_an_audience`` until it stands in ``PAGES``, ``ADMIN`` or ``OF_ALLAUTH``.
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from coopconnexion.accounts.models import PersonMerge, SavedFilter
from coopconnexion.notices.services import new_link
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
from premises.models import Occupancy, Provision
from projects.models import ClosingReason, DraftLink, Integration, Interview, Note, ProjectDocument, ProjectDraft
from tests import factories
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

pytestmark = pytest.mark.django_db

OPEN, LOGIN, MISSING, REFUSED = "open", "login", "missing", "refused"
ROLES = ("visitor", "candidate", "member", "official", "advisor", "elsewhere", "reader", "manager")


def audience(*answers) -> dict[str, str]:
    """Return the answer to each role, in the order of ``ROLES``."""
    return dict(zip(ROLES, answers, strict=True))


# fmt: off
#                         visitor  candidate member   official advisor  elsewhere reader   manager
EVERYBODY =     audience(OPEN,    OPEN,    OPEN,    OPEN,    OPEN,    OPEN,    OPEN,    OPEN)
NOBODY =        audience(MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING)
SIGNED_IN =     audience(LOGIN,   OPEN,    OPEN,    OPEN,    OPEN,    OPEN,    OPEN,    OPEN)
HOLDER =        audience(LOGIN,   OPEN,    MISSING, MISSING, MISSING, MISSING, MISSING, MISSING)
STAFF =         audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    OPEN,    OPEN,    OPEN)
TERRITORY =     audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    MISSING, OPEN,    OPEN)
WORKERS =       audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    MISSING, REFUSED, OPEN)
ANY_WORKER =    audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    OPEN,    REFUSED, OPEN)
MANAGER =       audience(LOGIN,   MISSING, MISSING, MISSING, REFUSED, REFUSED, REFUSED, OPEN)
RULE_MANAGER =  audience(LOGIN,   MISSING, MISSING, MISSING, REFUSED, REFUSED, REFUSED, OPEN)
IMPORTER =      audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    MISSING, REFUSED, OPEN)
ITS_MEMBER =    audience(LOGIN,   MISSING, OPEN,    MISSING, MISSING, MISSING, MISSING, MISSING)
FILE_OF_MEMBER = audience(LOGIN,  MISSING, OPEN,    MISSING, OPEN,    MISSING, OPEN,    OPEN)
ONE_ADVISOR =   audience(LOGIN,   MISSING, MISSING, MISSING, OPEN,    MISSING, MISSING, MISSING)
# fmt: on

PAGES = {
    "site:home": EVERYBODY,
    "site:help": EVERYBODY,
    "site:legal": EVERYBODY,
    "site:privacy": EVERYBODY,
    "site:accessibility": EVERYBODY,
    "site:robots": EVERYBODY,
    "site:components": STAFF,
    "site:my_space": SIGNED_IN,
    "site:after_login": SIGNED_IN,
    "accounts:invitation": NOBODY,  # with a made-up token; the true one is tested in tests/accounts
    "permanences:permanence_list": EVERYBODY,
    "permanences:public_feed": EVERYBODY,
    "permanences:private_feed": EVERYBODY,  # whoever holds the token
    "permanences:permanence": EVERYBODY,
    "permanences:slot_book": EVERYBODY,
    "permanences:link_request": EVERYBODY,
    "permanences:booking": EVERYBODY,
    "permanences:booking_confirm": EVERYBODY,
    "permanences:booking_cancel": EVERYBODY,
    "permanences:booking_move": EVERYBODY,
    "permanences:my_booking": HOLDER,
    "permanences:my_booking_confirm": HOLDER,
    "permanences:my_booking_cancel": HOLDER,
    "permanences:my_booking_move": HOLDER,
    "permanences:waiting_join": EVERYBODY,
    "permanences:waiting_manage": EVERYBODY,
    "permanences:waiting_confirm": EVERYBODY,
    "permanences:waiting_leave": EVERYBODY,
    "permanences:offer_accept": EVERYBODY,
    "permanences:offer_decline": EVERYBODY,
    "projects:draft_start": EVERYBODY,
    "projects:draft_project": EVERYBODY,  # without a draft, they lead to where one begins
    "projects:draft_needs": EVERYBODY,
    "projects:draft_review": EVERYBODY,
    "projects:draft_done": EVERYBODY,
    "projects:draft_drop": EVERYBODY,
    "projects:draft_resume": EVERYBODY,  # whoever holds the token
    "projects:my_project": HOLDER,
    "projects:my_pitch": HOLDER,
    "projects:my_document": HOLDER,
    "projects_staff:profile": WORKERS,
    "projects_staff:board": STAFF,
    "projects_staff:project_list": STAFF,
    "projects_staff:projects_csv": STAFF,
    "projects_staff:projects_xlsx": STAFF,
    "projects_staff:projects_hand_over": ANY_WORKER,
    "projects_staff:projects_archive": ANY_WORKER,
    "projects_staff:projects_unarchive": ANY_WORKER,
    "projects_staff:project_add": ANY_WORKER,
    "projects_staff:project": TERRITORY,
    "projects_staff:project_change": WORKERS,
    "projects_staff:premises_need": WORKERS,
    "projects_staff:project_step": WORKERS,
    "projects_staff:project_next_step": WORKERS,
    "projects_staff:project_hand_over": WORKERS,
    "projects_staff:interview_add": WORKERS,
    "projects_staff:interview_change": WORKERS,
    "projects_staff:note_add": WORKERS,
    "projects_staff:note_change": WORKERS,
    "projects_staff:document_add": WORKERS,
    "projects_staff:project_document": TERRITORY,
    "projects_staff:document_share": WORKERS,
    "projects_staff:document_remove": WORKERS,
    "projects_staff:integrate": WORKERS,
    "projects_staff:integration_undo": WORKERS,
    "permanences_staff:permanence_list": STAFF,
    "permanences_staff:permanence": TERRITORY,
    "permanences_staff:sheet": TERRITORY,
    "permanences_staff:sheet_pdf": TERRITORY,
    "permanences_staff:slot_book": WORKERS,
    "permanences_staff:waiting_add": WORKERS,
    "permanences_staff:waiting_remove": WORKERS,
    "permanences_staff:offer_accept": WORKERS,
    "permanences_staff:offer_decline": WORKERS,
    "permanences_staff:booking_outcome": WORKERS,
    "permanences_staff:booking_note": WORKERS,
    "permanences_staff:booking_cancel": WORKERS,
    "permanences_staff:booking_move": WORKERS,
    "permanences_staff:booking_release": WORKERS,
    "permanences_staff:release_unconfirmed": ANY_WORKER,
    "permanences_staff:feed_list": STAFF,
    "permanences_staff:feed_revoke": ONE_ADVISOR,
    "permanences_staff:permanence_add": ANY_WORKER,
    "permanences_staff:permanence_move": WORKERS,
    "permanences_staff:permanence_cancel": WORKERS,
    "permanences_staff:slots_close": WORKERS,
    "permanences_staff:slots_reopen": WORKERS,
    "permanences_staff:booking_pause": WORKERS,
    "permanences_staff:permanence_answers": WORKERS,
    "permanences_staff:move_answer": WORKERS,
    "permanences_staff:schedule_list": STAFF,
    "permanences_staff:schedule_add": MANAGER,
    "permanences_staff:schedule_change": RULE_MANAGER,
    "permanences_staff:schedule_dates": TERRITORY,
    "permanences_staff:closure_add": RULE_MANAGER,
    "permanences_staff:closure_remove": RULE_MANAGER,
    "accounts_staff:double_list": STAFF,
    "accounts_staff:person": TERRITORY,
    "accounts_staff:person_export": WORKERS,
    "accounts_staff:person_erase": WORKERS,
    "accounts_staff:person_former": WORKERS,
    "accounts_staff:person_merge_choice": WORKERS,
    "accounts_staff:person_merge": WORKERS,
    "accounts_staff:person_apart": WORKERS,
    "accounts_staff:access_list": MANAGER,
    "accounts_staff:account": MANAGER,
    "accounts_staff:account_close": MANAGER,
    "accounts_staff:account_reopen": MANAGER,
    "accounts_staff:mandate_revoke": MANAGER,
    "notices_staff:invite": MANAGER,
    "members:outcome": EVERYBODY,
    "members:directory": EVERYBODY,
    "members:card": EVERYBODY,
    "members:card_picture": EVERYBODY,
    "members:card_edit": ITS_MEMBER,
    "members:document_file": FILE_OF_MEMBER,
    "members:issued_document": FILE_OF_MEMBER,
    "members:own_document_issue": ITS_MEMBER,
    "members_staff:meeting_list": STAFF,
    "members_staff:meeting": TERRITORY,
    "members_staff:meeting_pdf": TERRITORY,
    "members_staff:meeting_add": WORKERS,
    "members_staff:meeting_change": WORKERS,
    "members_staff:meeting_remove": WORKERS,
    "members_staff:meeting_attendance": WORKERS,
    "members_staff:document_missing": STAFF,
    "members_staff:document_receive": WORKERS,
    "members_staff:document_correct": WORKERS,
    "members_staff:document_remove": WORKERS,
    "members_staff:document_issue": WORKERS,
    "members_staff:member_list": STAFF,
    "members_staff:member": TERRITORY,
    "members_staff:members_csv": STAFF,
    "members_staff:members_xlsx": STAFF,
    "members_staff:member_add": ANY_WORKER,
    "members_staff:member_change": WORKERS,
    "members_staff:business_add": WORKERS,
    "members_staff:business_change": WORKERS,
    "members_staff:business_close": WORKERS,
    "members_staff:business_reopen": WORKERS,
    "members_staff:business_join": WORKERS,
    "members_staff:business_leave": WORKERS,
    "members_staff:card_edit": WORKERS,
    "members_staff:member_hand_over": ANY_WORKER,
    "members_staff:member_associate": WORKERS,
    "members_staff:member_depart": WORKERS,
    "members_staff:member_return": WORKERS,
    "members_staff:departure_correct": WORKERS,
    "members_staff:contract_sign": WORKERS,
    "members_staff:contract_renew": WORKERS,
    "members_staff:contract_amend": WORKERS,
    "members_staff:contract_terms": WORKERS,
    "members_staff:contract_end": WORKERS,
    "members_staff:contract_correct": WORKERS,
    "members_staff:deadline_list": STAFF,
    "members_staff:statement_list": STAFF,
    "members_staff:statement_example": ANY_WORKER,
    "members_staff:statement_import": ANY_WORKER,
    "members_staff:statement_import_check": IMPORTER,
    "members_staff:statement_import_discard": IMPORTER,
    "members_staff:statement_enter": WORKERS,
    "members_staff:inquiry_list": STAFF,
    "members_staff:inquiry_note": WORKERS,
    "admin:index": STAFF,
    "admin:search": STAFF,
    "admin:flaws": STAFF,
    "admin:filter_save": STAFF,
    "admin:filter_rename": ONE_ADVISOR,
    "admin:filter_delete": ONE_ADVISOR,
    "admin:app_list": STAFF,
    "admin:jsi18n": STAFF,
    "admin:logout": STAFF,
    "admin:login": STAFF,
}

VISITOR_OF_ALLAUTH = {
    **dict.fromkeys(
        (
            *("account_login", "account_signup", "account_request_login_code", "account_inactive"),
            "account_logout",
        ),
        OPEN,
    ),
    **dict.fromkeys(
        (
            *("account_confirm_login_code", "account_email_verification_sent"),  # open once a code was asked for
            *("mfa_authenticate", "mfa_login_webauthn", "account_reauthenticate", "account_email"),
            *("account_change_password", "account_set_password", "usersessions_list"),
            *("account_reset_password", "account_reset_password_done"),  # there are no passwords
            *("account_reset_password_from_key", "account_reset_password_from_key_done"),
            *("mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
            *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
            *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"),
            *("mfa_remove_webauthn", "mfa_edit_webauthn"),
        ),
        LOGIN,
    ),
}
"""What the sign-in library shows to a visitor; to others it shows their own account and nothing else."""

ELSEWHERE = {
    "admin:autocomplete": "below: it lists what the tables of the admin list",
    "admin:gestion/(?P<url>.*)$": "below: what does not exist",
    "accounts:compte/password/<path:page>": "the password pages of the sign-in library, which send to the sign-in",
    "dev:mail_list": "in development only",
    "dev:mail": "in development only",
    "dev:mail_html": "in development only",
    "dev:mail_part": "in development only",
}


def addresses() -> dict[str, str]:
    """Return every address of the site, by its name; one without a name bears its route."""

    def walk(resolver, names, route):
        for pattern in resolver.url_patterns:
            full = route + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield ":".join([*names, pattern.name or full]), full
            else:
                yield from walk(pattern, [*names, *filter(None, [pattern.namespace])], full)

    return dict(walk(get_resolver(), [], ""))


# --- the world -------------------------------------------------------------------------------------------------------


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
    return SimpleNamespace(
        territory=own,
        contract=factories.ContractFactory(member__territory=own),
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
        feed=AgendaFeed.objects.create(user=users["advisor"], token_hash="f" * 64),
        statement_import=StatementImport.objects.create(
            filename="releves.csv", sha256="0" * 64, uploaded_by=users["advisor"]
        ),
        booking_token=new_link(BookingLink, at=now, expires_at=soon, booking=booking),
        entry_token=new_link(WaitingLink, at=now, expires_at=soon, entry=entry),
        feed_token=new_link(AgendaFeed, at=now, expires_at=None, user=users["advisor"]),
        users=users,
    )


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
        "members:card_edit": {"pk": world.card.business_id},
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


# --- asking ----------------------------------------------------------------------------------------------------------


def answer(response) -> str:
    list(getattr(response, "streaming_content", ()))  # a file that is read to its end is closed
    assert response.status_code < 500
    if response.status_code == 302 and response.url.startswith((reverse("account_login"), reverse("admin:login"))):
        return LOGIN
    return {404: MISSING, 403: REFUSED}.get(response.status_code, OPEN)


def ask(url: str, user) -> str:
    """Ask by GET, by POST where only POST is served; who is kept out by GET must be kept out by POST too."""
    client = Client()
    if user:
        client.force_login(user)
    got = client.get(url)
    if got.status_code != 405 and answer(got) == OPEN:
        return OPEN
    with transaction.atomic():  # what the POST does is undone
        posted = client.post(url)
        transaction.set_rollback(True)
    if got.status_code == 405:
        return answer(posted)
    assert posted.status_code == 405 or answer(posted) != OPEN
    return answer(got)


def answers(url: str, world) -> dict[str, str]:
    return {role: ask(url, user) for role, user in world.users.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_role_gets_its_answer(name, world):
    assert answers(address(name, world), world) == PAGES[name]


ABOUT_A_ROW = [name for name in PAGES if re.search(r"<(int:pk|str:token)>", addresses()[name])]


@pytest.mark.parametrize("name", ABOUT_A_ROW)
def test_a_row_that_does_not_exist_is_missing_for_those_who_may_see_others(name, world):
    allowed = [role for role in ROLES if PAGES[name][role] == OPEN]
    url = unknown_address(name, world)
    assert {role: ask(url, world.users[role]) for role in allowed} == dict.fromkeys(allowed, MISSING)


# --- the tables of the admin -----------------------------------------------------------------------------------------

LIST, ADD, CHANGE, DELETE, HISTORY = "changelist", "add", "change", "delete", "history"
ACTIONS = (LIST, ADD, CHANGE, DELETE, HISTORY)
SEE = {LIST, CHANGE, HISTORY}

# what the direction, an advisor of the territory and a reader of it may do; an advisor from elsewhere has the rights of
# the advisor, and finds no row where the table belongs to a territory
ALL, WORK, READ = SEE | {ADD, DELETE}, SEE | {ADD}, SEE
SHARED, OF_A_TERRITORY = False, True
ADMIN = {
    "accounts.mandate": (SHARED, SEE | {ADD}, READ, READ),
    "accounts.organisation": (SHARED, ALL, WORK, READ),
    "accounts.person": (OF_A_TERRITORY, SEE | {ADD}, READ, READ),
    "accounts.personlink": (SHARED, ALL, READ, READ),
    "accounts.user": (SHARED, ALL, READ, READ),
    "events.event": (OF_A_TERRITORY, ALL, WORK, READ),
    "members.business": (OF_A_TERRITORY, ALL, WORK, READ),
    "members.contract": (OF_A_TERRITORY, READ, READ, READ),
    "members.contractkind": (SHARED, ALL, READ, READ),
    "members.documentkind": (SHARED, ALL, READ, READ),
    "members.exitreason": (SHARED, ALL, READ, READ),
    "members.member": (OF_A_TERRITORY, ALL, WORK, READ),
    "notices.message": (OF_A_TERRITORY, READ, READ, READ),
    "partnerships.partnership": (SHARED, ALL, READ, READ),
    "permanences.booking": (OF_A_TERRITORY, READ, READ, READ),
    "permanences.permanence": (OF_A_TERRITORY, READ, READ, READ),
    "permanences.schedule": (OF_A_TERRITORY, READ, READ, READ),
    "permanences.waitinglistentry": (OF_A_TERRITORY, READ, READ, READ),
    "premises.occupancy": (OF_A_TERRITORY, ALL, WORK, READ),
    "premises.provision": (OF_A_TERRITORY, ALL, WORK, READ),
    "premises.unit": (OF_A_TERRITORY, ALL, WORK, READ),
    "premises.venue": (OF_A_TERRITORY, ALL, WORK, READ),
    "projects.closingreason": (SHARED, ALL, READ, READ),
    "projects.project": (OF_A_TERRITORY, SEE, SEE, READ),
    "territories.commune": (SHARED, ALL, READ, READ),
    "territories.territory": (SHARED, ALL, READ, READ),
    "territories.theme": (SHARED, SEE | {ADD}, READ, READ),
}


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
        "territories.commune": factories.CommuneFactory,
        "territories.territory": lambda: own,
        "territories.theme": factories.ThemeFactory,
    }
    return rows[label]()


def business_of(member):
    business = factories.BusinessFactory()
    business.members.add(member)
    return business


def expected(action: str, scoped: bool, manager: set, advisor: set, reader: set) -> dict[str, str]:
    about_row = action in (CHANGE, DELETE, HISTORY)
    open_to = {
        role: OPEN if action in rights else REFUSED
        for role, rights in (("manager", manager), ("advisor", advisor), ("reader", reader))
    }
    elsewhere = MISSING if scoped and about_row and action in SEE else open_to["advisor"]
    return audience(
        LOGIN, MISSING, MISSING, MISSING, open_to["advisor"], elsewhere, open_to["reader"], open_to["manager"]
    )


@pytest.mark.parametrize("label", ADMIN)
def test_every_role_gets_its_answer_from_a_table_of_the_admin(label, world):
    row = admin_row(label, world)
    found, wanted = {}, {}
    for action in ACTIONS:
        name = f"admin:{label.replace('.', '_')}_{action}"
        url = reverse(name, args=[row.pk] if action in (CHANGE, DELETE, HISTORY) else [])
        found[action] = answers(url, world)
        wanted[action] = expected(action, *ADMIN[label])
    assert found == wanted


@pytest.mark.parametrize("label", ADMIN)
def test_a_row_of_the_admin_that_does_not_exist_is_missing(label, world):
    url = reverse(
        f"admin:{label.replace('.', '_')}_change", args=["62999" if label.endswith("commune") else 999_999_999]
    )
    assert {role: ask(url, world.users[role]) for role in ("manager", "advisor", "reader")} == dict.fromkeys(
        ("manager", "advisor", "reader"), MISSING
    )


@pytest.mark.parametrize(("role", "people"), [("advisor", 1), ("reader", 1), ("manager", 1), ("elsewhere", 0)])
def test_the_admin_completes_with_the_rows_one_may_see(role, people, world):
    client = Client()
    client.force_login(world.users[role])
    person = world.booking.person
    person.last_name = "Zuydcoote"  # like nobody else: the search forgives typing errors
    person.save()
    asked = {"app_label": "members", "model_name": "member", "field_name": "person", "term": person.last_name}
    assert len(client.get(reverse("admin:autocomplete"), asked).json()["results"]) == people


@pytest.mark.parametrize("path", ["r/1/1/", "n-existe-pas/", "accounts/n-existe-pas/"])
def test_what_the_admin_does_not_have_is_missing(path, world):
    missing = {role: LOGIN if role == "visitor" else MISSING for role in ROLES}
    assert answers(f"{reverse('admin:index')}{path}", world) == missing


# --- the sign-in library ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VISITOR_OF_ALLAUTH)
def test_a_visitor_gets_the_answer_of_the_sign_in_library(name):
    try:
        url = reverse(name)
    except NoReverseMatch:
        url = reverse(name, kwargs={"uidb36": "1", "key": "a-b"} if "key" in name else {"pk": 1})
    assert answer(Client().get(url)) == VISITOR_OF_ALLAUTH[name]


# --- nothing is left out ---------------------------------------------------------------------------------------------


def is_of_admin_table(name: str) -> bool:
    """Tell whether a named or unnamed address belongs to a table that ``ADMIN`` declares."""
    names = {f"admin:{label.replace('.', '_')}_{action}" for label in ADMIN for action in ACTIONS}
    routes = {f"admin:gestion/{label.replace('.', '/')}/<path:object_id>/" for label in ADMIN}  # sends on to « change »
    return name in names | routes


def test_every_address_has_an_audience():
    declared = PAGES.keys() | VISITOR_OF_ALLAUTH.keys() | ELSEWHERE.keys()
    undeclared = [name for name in addresses() if name not in declared and not is_of_admin_table(name)]
    assert undeclared == [], f"Say who may open them, in tests/test_access.py: {', '.join(undeclared)}"


def test_every_declared_address_exists():
    in_development = {name for name in ELSEWHERE if name.startswith("dev:")}
    declared = PAGES.keys() | VISITOR_OF_ALLAUTH.keys() | (ELSEWHERE.keys() - in_development)
    assert sorted(declared - addresses().keys()) == []


def test_every_table_of_the_admin_is_declared():
    assert sorted(model._meta.label_lower for model in admin.site._registry) == sorted(ADMIN)
