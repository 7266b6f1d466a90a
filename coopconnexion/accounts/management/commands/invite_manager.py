from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from coopconnexion.accounts.services import invitation_tokens, invite_manager
from coopconnexion.addresses import normalise_email


class Command(BaseCommand):
    """Make somebody a manager and print a link that signs them in once, for a server whose mail does not leave yet.

    Afterwards they sign in like everybody, by a code sent to their address.
    """

    help = "Donne le rôle de direction à une adresse et affiche un lien de première connexion, à usage unique."

    def add_arguments(self, parser):
        parser.add_argument("email", help="adresse de la personne")
        parser.add_argument("--name", default="", help="nom affiché")

    def handle(self, *, email, name, **options):
        try:
            validate_email(normalise_email(email))
        except ValidationError:
            raise CommandError(f"« {email} » n’est pas une adresse de courriel.") from None
        user = invite_manager(email=email, name=name, at=timezone.now(), today=timezone.localdate())
        days = settings.PASSWORD_RESET_TIMEOUT // 86400
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        path = reverse("accounts:invitation", args=[uid, invitation_tokens.make_token(user)])
        self.stdout.write(f"{user.email} a le rôle de direction.")
        self.stdout.write(f"Lien de première connexion, valable {days} jours et une seule fois :")
        self.stdout.write(f"{settings.SITE_URL}{path}")
