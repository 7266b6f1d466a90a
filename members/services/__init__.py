"""Use cases of members."""

from members.services.admission import admit_member, open_business

__all__ = ["admit_member", "open_business"]
