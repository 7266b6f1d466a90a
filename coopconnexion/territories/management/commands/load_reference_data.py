from django.core.management import BaseCommand

from coopconnexion.territories.services import load_reference_data


class Command(BaseCommand):
    help = "Charge communes, contours, NAF rév. 2, types de la BPE et activités ; relancée, elle met à jour."

    def handle(self, **options):
        for words, count in load_reference_data().items():
            self.stdout.write(f"{words} : {count}")
