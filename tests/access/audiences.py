"""Who may open what: declared here for every address of the site and every table of the admin, by role.

A new address fails ``test_every_address_has_an_audience`` until it stands in ``PAGES``, ``ADMIN`` or ``ELSEWHERE``.
"""

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
BY_PASS =       audience(REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED)
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
    "gaps_staff:gap_list": STAFF,
    "gaps_staff:gap_csv": STAFF,
    "gaps_staff:gap_xlsx": STAFF,
    "gaps_staff:gap_add": ANY_WORKER,
    "gaps_staff:gap": TERRITORY,
    "gaps_staff:gap_change": WORKERS,
    "gaps_staff:gap_move": WORKERS,
    "gaps_staff:gap_review": WORKERS,
    "gaps_staff:comparison": STAFF,
    "gaps_staff:gap_from_comparison": ANY_WORKER,
    "gaps_staff:count_list": STAFF,
    "gaps_staff:count_retire": MANAGER,
    "site:export_list": STAFF,
    "site:export_file": ONE_ADVISOR,
    "site:export_delete": ONE_ADVISOR,
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
    "projects_staff:projects_close": ANY_WORKER,
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
    "premises:offer_list": EVERYBODY,
    "premises:offer_map": EVERYBODY,
    "premises:offer": EVERYBODY,
    "premises:offer_card": EVERYBODY,
    "premises:offer_photo": EVERYBODY,
    "premises:interest": EVERYBODY,
    "premises:interest_done": EVERYBODY,
    "premises:open_data": EVERYBODY,
    "premises:open_data_csv": EVERYBODY,
    "premises:open_data_geojson": EVERYBODY,
    "premises:open_data_schema": EVERYBODY,
    "premises_field:campaign_list": STAFF,
    "premises_field:worker": EVERYBODY,
    "premises_field:observation_photo": TERRITORY,
    "premises_field:pass_revoke": WORKERS,
    "premises_field:walk": WORKERS,
    "premises_field:pass_list": WORKERS,
    "premises_field:pass_issue": WORKERS,
    "premises_field:send_look": BY_PASS,
    "premises_field:send_found": BY_PASS,
    "premises_field:send_undo": BY_PASS,
    "premises_field:street": WORKERS,
    "premises_field:found": WORKERS,
    "premises_field:look": WORKERS,
    "premises_field:undo": WORKERS,
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
    "members_staff:amendment_correct": WORKERS,
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
    "members.business": (OF_A_TERRITORY, SEE | {DELETE}, SEE, READ),
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
    "territories.activity": (SHARED, SEE | {ADD}, READ, READ),
    "territories.commune": (SHARED, ALL, READ, READ),
    "territories.facilitytype": (SHARED, READ, READ, READ),
    "territories.nafcode": (SHARED, READ, READ, READ),
    "territories.territory": (SHARED, ALL, READ, READ),
    "territories.theme": (SHARED, SEE | {ADD}, READ, READ),
}
