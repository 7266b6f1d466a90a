from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.addresses import is_plain_address, refuse_odd_address
from coopconnexion.notices import rules, services
from coopconnexion.notices.models import Message

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


A_DAY = {"unknown_account": 3, "account_already_exists": 3, "email_confirmation_signup": 8, "email_confirmation": 8}
"""How many of the mails that anybody may cause go to one mailbox in 24 hours; past it none, untold."""


def is_too_much(name: str, email: str, *, at: datetime) -> bool:
    if name not in A_DAY:
        return False
    lately = Message.objects.lately_to(email, since=at - rules.DAY)
    return lately.filter(kind=f"{rules.SECRET_KIND_PREFIX}{name}").count() >= A_DAY[name]


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mail (sign-in codes, warnings) as messages of ours: a row first, sent by a worker."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": "Ce code n’est pas le bon. Recopiez celui du dernier message reçu.",
        "too_many_login_attempts": (
            "Trop de tentatives : par sécurité, attendez quelques minutes, puis demandez un nouveau code."
        ),
        "too_many_wrong_codes": (
            "Trop de codes faux pour cette adresse\u202f: par sécurité, elle est bloquée une heure au plus. Réessayez"
            " plus tard, ou appelez-nous."
        ),
        "rate_limited": "Trop de demandes à la suite : attendez quelques minutes, puis recommencez.",
        "duplicate_email": "Cette adresse est déjà dans votre compte.",
        "email_taken": "Cette adresse sert déjà à un autre compte.",
        "cannot_remove_primary_email": "Rendez d’abord une autre adresse principale, puis retirez celle-ci.",
    }

    def clean_email(self, email: str) -> str:
        """Check an address that somebody adds or signs up with.

        :raises ValidationError: invalid
        """
        refuse_odd_address(email)
        return email

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        name = template_prefix.rpartition("/")[2]
        code = context.get("code", "")
        now = timezone.now()
        if not is_plain_address(email) or is_too_much(name, email, at=now):
            return
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
