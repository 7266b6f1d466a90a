"""Use cases of members."""

from members.services.admission import admit_member, open_business
from members.services.alerts import due_alerts, enqueue_due_alerts, raise_alerts
from members.services.amendments import amend_contract, correct_amendment, remove_amendment
from members.services.association import associate_member, end_association
from members.services.businesses import (
    close_business,
    edit_business,
    join_business,
    leave_business,
    reopen_business,
    start_business,
)
from members.services.cards import edit_card, publish_card, withdraw_card
from members.services.contracts import (
    correct_contract,
    end_early,
    period_words,
    remove_contract,
    renew_contract,
    sign_contract,
)
from members.services.departure_removal import remove_departure
from members.services.departures import (
    DepartureEffects,
    correct_departure,
    departure_effects,
    record_departure,
    record_return,
)
from members.services.documents import (
    correct_received,
    issue_document,
    issue_own_document,
    receive_document,
    remove_received,
)
from members.services.handovers import hand_over_members
from members.services.meetings import BEFOREHAND, correct_meeting, note_attendance, record_meeting, remove_meeting
from members.services.outcomes import answer_outcome, ask_outcome, enqueue_due_inquiries
from members.services.profiles import edit_member, welcome_member
from members.services.statement_rows import members_worked_with
from members.services.statements import (
    apply_statements,
    check_statements,
    discard_stale_imports,
    discard_statements,
    enter_statement,
    remove_statement,
)
from members.services.terms import set_terms

__all__ = [
    "BEFOREHAND",
    "DepartureEffects",
    "admit_member",
    "amend_contract",
    "answer_outcome",
    "apply_statements",
    "ask_outcome",
    "associate_member",
    "check_statements",
    "close_business",
    "correct_amendment",
    "correct_contract",
    "correct_departure",
    "correct_meeting",
    "correct_received",
    "departure_effects",
    "discard_stale_imports",
    "discard_statements",
    "due_alerts",
    "edit_business",
    "edit_card",
    "edit_member",
    "end_association",
    "end_early",
    "enqueue_due_alerts",
    "enqueue_due_inquiries",
    "enter_statement",
    "hand_over_members",
    "issue_document",
    "issue_own_document",
    "join_business",
    "leave_business",
    "members_worked_with",
    "note_attendance",
    "open_business",
    "period_words",
    "publish_card",
    "raise_alerts",
    "receive_document",
    "record_departure",
    "record_meeting",
    "record_return",
    "remove_amendment",
    "remove_contract",
    "remove_departure",
    "remove_meeting",
    "remove_received",
    "remove_statement",
    "renew_contract",
    "reopen_business",
    "set_terms",
    "sign_contract",
    "start_business",
    "welcome_member",
    "withdraw_card",
]
