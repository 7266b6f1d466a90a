"""The back office's view of the tables of permanences."""

from permanences.admin import bookings

__all__ = ["bookings"]
