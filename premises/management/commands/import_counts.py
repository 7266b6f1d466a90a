from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from premises import services
from premises.enums import CountKind


class Command(BaseCommand):
    help = "Importe des dénombrements d’établissements : BPE (large ou longue), stock SIRENE, ancien portail."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="CSV, CSV.GZ ou ZIP d’un CSV")
        parser.add_argument("--kind", required=True, choices=CountKind.values)
        parser.add_argument("--vintage", required=True, type=int, help="le millésime, sur quatre chiffres")
        parser.add_argument("--label", default="")

    def handle(self, *, file, kind, vintage, label, **options):
        try:
            with file.open("rb") as content:
                found = services.import_counts(
                    file=content,
                    filename=file.name,
                    kind=CountKind(kind),
                    vintage=vintage,
                    label=label,
                    by=None,
                    at=timezone.now(),
                )
        except OSError as error:
            raise CommandError(f"{file} : {error.strerror}") from error
        except ValidationError as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        self.stdout.write(f"{found} : {found.rows_read} lignes lues, {found.rows_counted} établissements comptés.")
        for reason, number in found.set_aside.items():
            self.stdout.write(f"  {number} {reason}")
