"""Use cases of members."""

from members.services.admission import admit_member, open_business
from members.services.amendments import amend_contract
from members.services.association import associate_member, end_association
from members.services.contracts import (
    correct_contract,
    end_early,
    remove_contract,
    renew_contract,
    sign_contract,
)
from members.services.terms import set_terms

__all__ = [
    "admit_member",
    "amend_contract",
    "associate_member",
    "correct_contract",
    "end_association",
    "end_early",
    "open_business",
    "remove_contract",
    "renew_contract",
    "set_terms",
    "sign_contract",
]
