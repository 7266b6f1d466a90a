from collections import Counter
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from coopconnexion.sheets.writing import csv_chunks
from premises.documents.everywhere import HEADER, everywhere, rows_everywhere
from premises.models import CountSet


class Command(BaseCommand):
    help = "Calcule l’écart à la référence de toutes les communes d’un jeu, pour toutes les activités."

    def add_arguments(self, parser):
        parser.add_argument("--set", type=int, help="le numéro du jeu ; sans lui, le plus récent")
        parser.add_argument("--output", type=Path, help="un fichier CSV ; sans lui, un résumé")

    def handle(self, *, output, **options):
        count_set = self.chosen(options["set"])
        if output is None:
            self.summary(count_set)
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_chunks(HEADER, rows_everywhere(count_set)))
        except OSError as error:
            raise CommandError(f"{output} : {error.strerror}") from error
        self.stdout.write(f"{count_set} : {output}")

    def chosen(self, pk: int | None) -> CountSet:
        sets = CountSet.objects.order_by("-vintage", "kind", "pk")
        found = (sets.filter(pk=pk) if pk else sets.filter(retired_at=None)).first()
        if not found:
            raise CommandError("Aucun jeu de dénombrements : importez-en un (import_counts).")
        return found

    def summary(self, count_set: CountSet) -> None:
        towns, levels = 0, Counter()
        for _, _, gaps in everywhere(count_set):
            towns += 1
            levels.update(gap.level.label for gap in gaps)
        self.stdout.write(f"{count_set} : {towns} communes comparées, {sum(levels.values())} lignes.")
        for level, number in levels.most_common():
            self.stdout.write(f"  {number} {level}")
