"""The back office's view of the tables of permanences."""

from permanences.admin import bookings, schedules

__all__ = ["bookings", "schedules"]
