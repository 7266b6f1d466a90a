"""What premises show on the pages of others, and on the public page of a unit."""

from premises.panels import matching, occupancies, offers, unit_city, unit_interests, unit_neighbours

__all__ = ["matching", "occupancies", "offers", "unit_city", "unit_interests", "unit_neighbours"]
