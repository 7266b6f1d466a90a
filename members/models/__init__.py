from members.models.contracts import (
    Amendment,
    Contract,
    ContractKind,
    ContractTerms,
    DeadlineAlert,
    MonthsLater,
)
from members.models.departures import Departure, ExitReason, OutcomeInquiry, OutcomeLink
from members.models.documents import DocumentKind, IssuedDocument, ReceivedDocument
from members.models.meetings import AbstractMeeting, AdviceMeeting, MeetingAdvisor, MeetingParticipant
from members.models.members import Business, BusinessMember, BusinessTheme, Member, PublicCard
from members.models.statements import Statement, StatementImport

__all__ = [
    "AbstractMeeting",
    "AdviceMeeting",
    "Amendment",
    "Business",
    "BusinessMember",
    "BusinessTheme",
    "Contract",
    "ContractKind",
    "ContractTerms",
    "DeadlineAlert",
    "Departure",
    "DocumentKind",
    "ExitReason",
    "IssuedDocument",
    "MeetingAdvisor",
    "MeetingParticipant",
    "Member",
    "MonthsLater",  # migrations name it here
    "OutcomeInquiry",
    "OutcomeLink",
    "PublicCard",
    "ReceivedDocument",
    "Statement",
    "StatementImport",
]
