"""What premises show on the pages of others, and on the public page of a unit."""

from premises.panels import offers, unit_city, unit_interests, unit_neighbours

__all__ = ["offers", "unit_city", "unit_interests", "unit_neighbours"]
