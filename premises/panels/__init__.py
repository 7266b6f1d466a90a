"""What premises show on the pages of others, and on the public page of a unit."""

from premises.panels import matching, offers, unit_city, unit_interests, unit_neighbours

__all__ = ["matching", "offers", "unit_city", "unit_interests", "unit_neighbours"]
