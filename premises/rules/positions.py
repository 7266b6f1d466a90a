"""Where a unit stands: degrees, or metres of Lambert-93 that are recognised by their size; nothing is ever swapped."""

from functools import cache
from math import cos, hypot, radians

from pyproj import Transformer

EAST, NORTH = (100_000, 1_300_000), (6_000_000, 7_200_000)  # metres of Lambert-93 over mainland France (EPSG:2154)
KILOMETRES_PER_DEGREE = 111.2
FAR = 15  # km from the middle of a commune: the longest ones of mainland France apart, that is outside of it
DIGITS = 7  # a centimetre


class PositionError(ValueError):
    """Neither degrees nor Lambert-93; says why, in French."""


@cache
def lambert() -> Transformer:
    return Transformer.from_crs("EPSG:2154", "EPSG:4326")


def is_lambert93(x: float, y: float) -> bool:
    return EAST[0] <= x <= EAST[1] and NORTH[0] <= y <= NORTH[1]


def wgs84(x: float, y: float) -> tuple[float, float]:
    """Return latitude and longitude in degrees of a point given as longitude and latitude, or as X and Y of Lambert-93.

    :raises PositionError: when they are neither, or when they stand in each other's place
    """
    if is_lambert93(x, y):
        latitude, longitude = lambert().transform(x, y)
        return round(latitude, DIGITS), round(longitude, DIGITS)
    if -180 <= x <= 180 and -90 <= y <= 90:
        return round(y, DIGITS), round(x, DIGITS)
    if is_lambert93(y, x):
        raise PositionError("X et Y sont l’un à la place de l’autre\u202f: corrigez le choix des colonnes.")
    raise PositionError(
        "cette position n’est ni en degrés ni en Lambert-93\u202f: convertissez-la, ou laissez la colonne de côté."
    )


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two points (latitude, longitude) of a region stand from each other."""
    north = one[0] - other[0]
    east = (one[1] - other[1]) * cos(radians((one[0] + other[0]) / 2))
    return hypot(north, east) * KILOMETRES_PER_DEGREE


def is_far(point: tuple[float, float], middle: tuple[float, float]) -> bool:
    """Tell whether a point cannot be in the commune whose middle this is."""
    return kilometres(point, middle) > FAR
