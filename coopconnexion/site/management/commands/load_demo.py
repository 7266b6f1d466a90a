from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coopconnexion.site import demo


class Command(BaseCommand):
    help = "Charger la démonstration dans une base vide ; ne touche jamais à une base qui contient des données."

    def add_arguments(self, parser):
        parser.add_argument("--accounts", action="store_true", help="dire les adresses de la démonstration chargée")
        parser.add_argument(
            "--force-empty", action="store_true", help="charger aussi hors développement, si la base est vide"
        )

    def handle(self, *args, **options):
        if options["accounts"]:
            self._say_accounts()
        elif demo.is_loaded():
            self.stdout.write("La démonstration est déjà chargée : rien n’a changé.")
        else:
            self._load(force=options["force_empty"])

    def _load(self, *, force: bool) -> None:
        if not settings.DEBUG and not force:
            raise CommandError(
                "La démonstration ne se charge qu’en développement (DEBUG). Sur une base vide, ajoutez --force-empty."
            )
        try:
            loaded = demo.load(at=timezone.now())
        except ValidationError as refusal:
            raise CommandError(refusal.message) from refusal
        done = "La démonstration est chargée." if loaded else "La démonstration est déjà chargée : rien n’a changé."
        self.stdout.write(done)

    def _say_accounts(self) -> None:
        if not demo.is_loaded():
            raise CommandError("La démonstration n’est pas chargée : lancez d’abord « manage.py load_demo ».")
        for role, address in demo.addresses().items():
            self.stdout.write(f"{role} : {address}")
