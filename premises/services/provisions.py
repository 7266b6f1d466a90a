"""A city lends a unit to the coop under an agreement: noted, corrected, ended, with the document that says so.

The unit is held first, then its provision.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.french import date_words
from coopconnexion.partnerships.models import Partnership
from coopconnexion.periods import last_day
from coopconnexion.refusals import refusal_at
from premises.models import Provision, Unit
from premises.services.locks import locked, refuse_closed
from premises.services.photos import add_unit_document


@transaction.atomic
def lend_unit(
    *,
    unit: Unit,
    partnership: Partnership,
    starts_on: date,
    by: User,
    at: datetime,
    ends_on: date | None = None,
    upload: UploadedFile | None = None,
) -> Provision:
    """Note that ``partnership`` puts ``unit`` at the disposal of the coop; the document goes with those of the unit.

    :raises ValidationError: unit_closed, partnership_elsewhere, provision_overlap, period_empty
    """
    unit = locked(unit)
    refuse_closed(unit)
    provision = Provision(unit=unit, partnership=partnership, starts_on=starts_on, ends_on=ends_on)
    _save(provision)
    _keep(provision, upload, by=by, at=at)
    return provision


@transaction.atomic
def change_provision(
    *,
    provision: Provision,
    partnership: Partnership,
    starts_on: date,
    ends_on: date | None,
    by: User,
    at: datetime,
    upload: UploadedFile | None = None,
) -> Provision:
    """Write anew what was noted of a provision.

    :raises ValidationError: provision_gone, partnership_elsewhere, provision_overlap, period_empty
    """
    provision = _held(provision)
    provision.partnership, provision.starts_on, provision.ends_on = partnership, starts_on, ends_on
    _save(provision)
    _keep(provision, upload, by=by, at=at)
    return provision


@transaction.atomic
def end_provision(*, provision: Provision, ends_on: date) -> Provision:
    """Say when the city takes the unit back.

    :raises ValidationError: provision_gone, not_sooner, period_empty
    """
    provision = _held(provision)
    if provision.ends_on and ends_on > provision.ends_on:
        last = date_words(last_day(provision.ends_on))
        raise refusal_at("ends_on", f"Elle finit déjà le {last}\u202f: corrigez-la pour la prolonger.", "not_sooner")
    provision.ends_on = ends_on
    _save(provision)
    return provision


def _held(provision: Provision) -> Provision:
    unit = locked(provision.unit)
    row = Provision.objects.select_for_update(of=("self",)).filter(pk=provision.pk, unit=unit).first()
    if row is None:
        raise ValidationError("Cette mise à disposition n’est plus là.", code="provision_gone")
    row.unit = unit
    return row


def _save(provision: Provision) -> None:
    if provision.partnership.territory_id != provision.unit.territory_id:
        raise refusal_at(
            "partnership", "Cette convention est d’un autre territoire que la cellule.", "partnership_elsewhere"
        )
    _refuse_overlap(provision)
    with constraint_errors(Provision):
        provision.save()


def _refuse_overlap(provision: Provision) -> None:
    others = Provision.objects.filter(unit=provision.unit_id).exclude(pk=provision.pk)
    others = others.ending_after(provision.starts_on)
    if provision.ends_on:
        others = others.filter(starts_on__lt=provision.ends_on)
    if other := others.order_by("starts_on").first():
        end = f"au {date_words(last_day(other.ends_on))}" if other.ends_on else "sans fin prévue"
        raise ValidationError(
            f"Cette cellule est déjà mise à disposition à partir du {date_words(other.starts_on)}, {end}\u202f: "
            "mettez-y fin d’abord, ou changez les dates.",
            code="provision_overlap",
        )


def _keep(provision: Provision, upload: UploadedFile | None, *, by: User, at: datetime) -> None:
    if upload:
        title = f"Mise à disposition, {provision.partnership}"[:200]
        add_unit_document(unit=provision.unit, title=title, upload=upload, by=by, at=at)
