"""How a service refuses at one field, and how a form shows it there."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm


def refusal_at(field: str, message: str, code: str) -> ValidationError:
    """Return a refusal that a form shows at ``field``."""
    return ValidationError({field: ValidationError(message, code=code)})


def add_refusal(form: BaseForm, refusal: ValidationError) -> None:
    """Show the refusal of a service at the fields it names, or above the form when the form has no such field."""
    by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
    for name, errors in by_field.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)
