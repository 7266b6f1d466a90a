"""Refusals of the database, named by the field that the user must look at."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import models

from coopconnexion.db import constraint_errors

FIELD_OF = {
    "period_empty": "ends_on",
    "contract_too_long": "ends_on",
    "too_many_renewals": "kind",
    "rank_taken": "starts_on",
    "contract_overlap": "starts_on",
    "date_implausible": "starts_on",
    "objective_incomplete": "objective_months",
    "rate_implausible": "contribution_rate",
    "fixed_pay_negative": "fixed_pay",
    "terms_overlap": "starts_on",
    "shares_without_association": "associated_on",
}


@contextmanager
def refused_at_its_field(*model_classes: type[models.Model], **renamed: str) -> Iterator[None]:
    """Turn a violated constraint of these models into a refusal at its field; ``renamed``: field to another name.

    :raises ValidationError: a dictionary by field, or the refusal itself when it is about no field in particular
    """
    try:
        with constraint_errors(*model_classes):
            yield
    except ValidationError as refusal:
        field = FIELD_OF.get(getattr(refusal, "code", None))
        if field is None:
            raise
        raise ValidationError({renamed.get(field, field): refusal}) from refusal
