"""How often one network address may post, generously: a whole town hall stands behind one."""

import logging
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

POSTS_PER_HOUR = 60  # past it nothing is refused: what is asked waits until the address is confirmed
IPV6_NETWORK = 64  # bits: what one subscriber holds


def is_busy_address(request: HttpRequest, *, subject: str = "", most: int | None = None) -> bool:
    """Count this post and tell whether its address posted more than ``POSTS_PER_HOUR`` within the hour.

    Posts about a ``subject`` are counted apart, against ``most``: those that make us write to whom they name.
    A cache that does not answer lets everybody through: the limits by e-mail and phone live in the database.
    """
    try:
        key = f"posts:{subject}:{network_of(get_adapter(request).get_client_ip(request))}"
        cache.add(key, 0, timeout=3600)
        return cache.incr(key) > (POSTS_PER_HOUR if most is None else most)
    except (RedisError, ValueError, PermissionDenied) as error:
        logger.warning("posts are not counted: %s", error)
        return False


def network_of(address: str) -> str:
    """Return the address that counts: an IPv6 subscriber has more of them than there are people.

    :raises ValueError: when it is none
    """
    if ip_address(address).version == 4:
        return address
    return str(ip_network((address, IPV6_NETWORK), strict=False))
