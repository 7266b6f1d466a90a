"""The code that a person shows at the door: an address that the team's phone opens."""

from io import BytesIO

import qrcode
from django.urls import reverse
from qrcode.image.svg import SvgPathFillImage

from coopconnexion.notices.services import absolute_url
from events.models import Registration


def address_of(registration: Registration) -> str:
    """Where the code leads: to a page of the back office, which tells nobody else anything."""
    return absolute_url(reverse("events_staff:presence_by_code", kwargs={"code": registration.code}))


def code_svg(registration: Registration) -> bytes:
    """Return the code as an SVG picture, black on white whatever the page around it."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(address_of(registration))
    picture = BytesIO()
    code.make_image(image_factory=SvgPathFillImage).save(picture)
    return picture.getvalue()
