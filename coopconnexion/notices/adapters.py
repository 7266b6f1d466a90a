from datetime import timedelta
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices import rules, services

WORDED = {
    "login_code": "login_code",
    "email_confirmation": "address_code",
    "email_confirmation_signup": "address_code",
    "unknown_account": "unknown_account",
    "account_already_exists": "known_account",
    "password_reset_key": "no_password",
    "password_reset_code": "no_password",
}
"""Our template for each of allauth's mails; the others tell that something changed."""

CHANGES = {
    "totp_activated": "Une application d’authentification protège désormais votre compte.",
    "totp_deactivated": "L’application d’authentification a été retirée de votre compte.",
    "recovery_codes_generated": "De nouveaux codes de secours ont été créés pour votre compte.",
    "webauthn_added": "Une clé de sécurité a été ajoutée à votre compte.",
    "webauthn_removed": "Une clé de sécurité a été retirée de votre compte.",
    "email_confirm": "Votre adresse a été confirmée.",
    "email_changed": "L’adresse de votre compte a changé.",
    "email_deleted": "Une adresse a été retirée de votre compte.",
}
ANY_CHANGE = "Un réglage de sécurité de votre compte a changé."


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mail (sign-in codes, warnings) as messages of ours: a row first, sent by a worker."""

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        name = template_prefix.rpartition("/")[2]
        code = context.get("code", "")
        now = timezone.now()
        services.write_message(
            key=f"account:{uuid4()}",
            kind=f"{rules.SECRET_KIND_PREFIX}{name}",
            to_email=email,
            to_name="",
            person=None,
            template=f"account/email/{WORDED.get(name, 'change')}",
            context={
                "email": email,
                "code": code,
                "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
                "change": CHANGES.get(name, ANY_CHANGE),
                "changed_at": now,
                # not from the request, whose host an attacker may choose
                "login_url": services.absolute_url(reverse("account_login")),
                "signup_url": services.absolute_url(reverse("account_signup")),
            },
            secrets=[code],
            at=now,
            expires_at=now + timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) if code else None,
        )
