"""What premises show on the pages of others, and on the public page of a unit."""

from premises.panels import offers

__all__ = ["offers"]
