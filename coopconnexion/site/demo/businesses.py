"""The members' businesses: name, activity, commune, start, path through contracts, months before leaving."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Start:
    """A business and how its member came: ``since`` is a day, or a number of months before today.

    :param path: months of each CAPE, then the contract that follows
    :param left: months from the start to the exit, ``None`` for who is still there
    """

    business: str
    activity: str
    commune: str
    since: date | int
    path: str = "usual"
    left: int | None = None


PATHS = {
    "short": ((12,), "cesa"),
    "usual": ((12, 6), "cesa"),
    "long": ((12, 12), "cesa"),
    "longest": ((12, 12, 12), "cesa"),
    "employee": ((12,), "cdi"),
    "season": ((6,), "cdd"),
}

FIRST_SIX = (
    Start("L’Épi et la Plume", "épicerie et librairie", "Béthune", date(2020, 3, 2), "long"),
    Start("Le Vrac du Beffroi", "épicerie sans emballage", "Béthune", date(2020, 6, 1)),
    Start("Retouches Sadi", "couture et retouche", "Béthune", date(2020, 7, 1), "long"),
    Start("Vélo Lawe", "réparation de vélos", "Béthune", date(2020, 9, 1), "short"),
    Start("La Fournée lente", "boulangerie au levain", "Béthune", date(2020, 10, 1), "usual", left=38),
    Start("Bois d’Artois", "menuiserie de réemploi", "Béthune", date(2020, 12, 1), "long"),
)
FOUNDERS = (
    Start("Atelier du Terril", "céramique", "Lens", date(2017, 2, 1), "long"),
    Start("Mots et Mines", "rédaction et correction", "Lens", date(2017, 5, 1)),
    Start("Gohelle Paysage", "jardins et espaces verts", "Lens", date(2017, 9, 1), "employee"),
    Start("Chez Wanda", "traiteur polonais", "Lens", date(2017, 10, 2), "long"),
    Start("Son et Lampe", "sonorisation et éclairage", "Liévin", date(2018, 1, 1), "short"),
    Start("Artois Informatique", "dépannage informatique", "Lens", date(2018, 3, 1), "employee"),
    Start("La Main courante", "métallerie", "Liévin", date(2018, 4, 2), "long", left=50),
    Start("Fil et Grisou", "broderie et mercerie", "Lens", date(2018, 9, 3)),
    Start("Clé de sol", "cours de musique", "Lens", date(2018, 10, 1), "employee"),
    Start("Photos du Bassin", "photographie", "Lens", date(2019, 1, 1), "short"),
    Start("Propre et Juste", "nettoyage écologique", "Lens", date(2019, 2, 1), "employee"),
    Start("Bière et Houblon", "cours de brassage", "Lens", date(2019, 4, 1), "usual", left=30),
    Start("Le Bon Geste", "formation aux premiers secours", "Liévin", date(2019, 6, 3), "long"),
    Start("Toits et Moi", "isolation écologique", "Lens", date(2019, 9, 2), "employee"),
)
BETHUNE = (
    Start("La Cantine des Faubourgs", "restauration de midi", "Béthune", 57, "long"),
    Start("Savons de la Lawe", "savonnerie", "Béthune", 54),
    Start("Au Fil du Tir", "tapisserie d’ameublement", "Béthune", 51, "long"),
    Start("Les Jouets retrouvés", "jouets d’occasion", "Béthune", 48, "usual", left=29),
    Start("Miel du Beuvry", "apiculture", "Béthune", 45, "longest"),
    Start("Encre et Papier", "papeterie et reliure", "Béthune", 41),
    Start("Kiné équin Artois", "soins aux chevaux", "Béthune", 38, "short", left=22),
    Start("La Table de Nour", "traiteur oriental", "Béthune", 34, "long"),
    Start("Électro Secours", "réparation d’électroménager", "Béthune", 32),
    Start("Graines de rue", "végétalisation de façades", "Béthune", 29, "long"),
    Start("Le Comptoir des couches", "location de couches lavables", "Béthune", 26),
    Start("Ch’ti Torréfacteur", "torréfaction", "Béthune", 24, "long"),
    Start("Mémoires vives", "biographies familiales", "Béthune", 21, "usual", left=14),
    Start("Les Cycles du canal", "location de vélos-cargos", "Béthune", 17),
    Start("Au Panier vert", "primeur en circuit court", "Béthune", 14),
    Start("Second Fil", "vêtements d’occasion", "Béthune", 11),
    Start("L’Atelier des lunettes", "montures de réemploi", "Béthune", 8),
    Start("Boîte à outils", "prêt et location d’outils", "Béthune", 5),
    Start("Fromages d’ici", "crèmerie ambulante", "Béthune", 3),
    Start("Ongles et Nature", "soins esthétiques", "Béthune", 44, "short", left=20),
    Start("La Malle aux livres", "bouquiniste ambulant", "Béthune", 36),
    Start("Rempailleurs de l’Artois", "rempaillage de chaises", "Béthune", 19, "long"),
    Start("Pains d’épices et Cie", "biscuiterie", "Béthune", 2),
)
LENS = (
    Start("Louvre en marche", "visites guidées", "Lens", 56, "long"),
    Start("Conserves Louise", "conserverie de légumes", "Lens", 52),
    Start("Cuirs de Sallau", "maroquinerie", "Lens", 49, "usual", left=26),
    Start("Le Taxi des courses", "livraison à vélo", "Lens", 46, "short"),
    Start("Numérik 62", "médiation numérique", "Lens", 43, "employee"),
    Start("Terre crue", "enduits de terre", "Liévin", 40, "long"),
    Start("La Petite Berline", "garde d’enfants à domicile", "Lens", 35, "usual", left=12),
    Start("Bains publics", "café associatif", "Lens", 31, "long"),
    Start("Ruches et Rails", "apiculture urbaine", "Lens", 27),
    Start("Plâtre et Chaux", "rénovation du bâti ancien", "Lens", 25, "long"),
    Start("Yoga des corons", "cours de yoga", "Lens", 20, "usual", left=15),
    Start("Le Savoir-fer", "repassage à domicile", "Liévin", 13, "short"),
    Start("Toques en stock", "ateliers de cuisine", "Liévin", 22),
    Start("Déco Coron", "décoration d’intérieur", "Lens", 16),
    Start("Repas de famille", "portage de repas", "Lens", 9),
    Start("Studio Onze-Dix-Neuf", "graphisme", "Lens", 6, "season"),
)
COUPLE = ("Marc Hennebelle", "L’Épi et la Plume")
"""Delphine’s husband, who keeps the shop with her under his own contract."""
SECOND_BUSINESS = ("Vélo Lawe", "École du cycle", "cours de vélo pour adultes", 30)
"""The first business of a member, then the second: name, activity, months since."""
