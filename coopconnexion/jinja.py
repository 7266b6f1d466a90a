"""The Jinja of the rows of long tables: our French filters, everything escaped, nothing unknown passed over."""

from functools import lru_cache

from jinja2 import Environment, StrictUndefined

from coopconnexion import french


def environment(**options) -> Environment:
    """Return the environment that ``TEMPLATES`` names."""
    given = options | {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**given)  # noqa: S701  # it is in what is given
    env.filters |= {
        "date_words": lru_cache(2048)(french.date_words),
        "short_day": lru_cache(2048)(french.short_day),
        "counted": french.counted,
    }
    return env
