"""The candidates' projects: what each person says of theirs, and how far they are."""

from dataclasses import dataclass

from projects.enums import Source, Stage

WEB, PHONE, CITY, EVENT = Source.WEB, Source.PHONE, Source.CITY, Source.EVENT
DESK, REFERRED = Source.PERMANENCE, Source.REFERRER
FIRST, ASSESSMENT, SUPPORT, POOL = Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT, Stage.POOL
REFUSED, ABANDONED = Stage.REFUSED, Stage.ABANDONED


@dataclass(frozen=True)
class Idea:
    """A project opened ``since`` days ago.

    :param holder: name, empty for anybody
    :param email: before the @; ``None`` from the name, empty for none
    """

    title: str
    activity: str
    pitch: str
    themes: tuple[str, ...]
    since: int
    stage: Stage
    source: Source = DESK
    place: str = "bethune"
    referrer: str = ""
    reason: str = ""
    holder: str = ""
    email: str | None = None
    is_test: bool = False


NADIA = "La Cantine de Nadia"
IDEAS = (
    Idea(
        NADIA,
        "restauration",
        "Une petite cantine de midi, avec les légumes des maraîchers de la Lawe et un plat du jour à 10 €.",
        ("circuits-courts", "commerce"),
        150,
        SUPPORT,
        holder="Nadia Belkacem",
        email="candidate",
    ),
    Idea(
        "Le Fournil du marché",
        "boulangerie",
        "Du pain au levain vendu sur les marchés, en attendant une boutique.",
        ("commerce",),
        3,
        FIRST,
        WEB,
    ),
    Idea(
        "Repair café mobile",
        "réparation",
        "Un camion qui va de quartier en quartier pour réparer avec les gens.",
        ("economie-circulaire",),
        5,
        FIRST,
        WEB,
    ),
    Idea(
        "Fleurs de saison",
        "fleuriste",
        "Des bouquets de fleurs cultivées à moins de 50 km, sans chambre froide.",
        ("circuits-courts", "commerce"),
        9,
        FIRST,
        REFERRED,
        referrer="france-travail",
    ),
    Idea(
        "Sport pour tous au Mont-Liébaut",
        "articles de sport d’occasion",
        "Revendre et louer du matériel de sport : il n’y a presque rien en ville.",
        ("economie-circulaire", "commerce"),
        14,
        FIRST,
    ),
    Idea(
        "Aide aux papiers",
        "écrivain public",
        "Aider à remplir les dossiers, en mairie et à domicile. Je n’ai pas d’ordinateur pour l’instant.",
        ("ess", "developpement-local"),
        20,
        FIRST,
        PHONE,
        email="",
    ),
    Idea(
        "Épicerie de la rue de Lille",
        "épicerie",
        "Reprendre une épicerie de quartier et y vendre aussi des produits de producteurs.",
        ("commerce", "circuits-courts"),
        33,
        ASSESSMENT,
        CITY,
        referrer="bethune",
    ),
    Idea(
        "Sols et murs d’Artois",
        "revêtements de sols et de murs",
        "Carrelage et papiers peints, avec un atelier pour apprendre à les poser.",
        ("commerce",),
        48,
        ASSESSMENT,
        REFERRED,
        referrer="cci",
    ),
    Idea(
        "Lessive de quartier",
        "laverie solidaire",
        "Une laverie où l’on répare aussi le linge, avec un coin pour attendre au chaud.",
        ("ess",),
        61,
        ASSESSMENT,
        EVENT,
    ),
    Idea(
        "Le Jardin des enfants",
        "animation nature",
        "Des ateliers de jardinage dans les écoles et les centres de loisirs.",
        ("developpement-local",),
        75,
        ASSESSMENT,
        REFERRED,
        referrer="mission-locale",
    ),
    Idea(
        "Confitures du canal",
        "confiturerie",
        "Des confitures avec les fruits invendus des vergers et des marchés.",
        ("circuits-courts", "economie-circulaire"),
        110,
        SUPPORT,
    ),
    Idea(
        "Atelier Lumen",
        "luminaires de récupération",
        "Des lampes faites de pièces de récupération, et des stages le samedi.",
        ("economie-circulaire",),
        165,
        SUPPORT,
        EVENT,
    ),
    Idea(
        "Coiffure au bon air",
        "coiffure à domicile",
        "Coiffer à domicile les personnes qui ne se déplacent plus.",
        ("developpement-local",),
        190,
        SUPPORT,
        REFERRED,
        referrer="france-travail",
    ),
    Idea(
        "Le Petit Bouchon",
        "cave à bières locales",
        "Les bières des brasseries de la région, et des soirées de dégustation.",
        ("commerce", "circuits-courts"),
        240,
        POOL,
        reason="Attend un local de 40 m² en centre-ville.",
    ),
    Idea(
        "Mode sans âge",
        "prêt-à-porter de seconde main",
        "Des vêtements de seconde main choisis, pour les plus de 50 ans.",
        ("economie-circulaire", "commerce"),
        280,
        POOL,
        CITY,
        referrer="bethune",
        reason="Reprend contact après sa formation.",
    ),
    Idea(
        "Menuiserie Thellier",
        "menuiserie",
        "Fabriquer et réparer des fenêtres en bois, avec du bois de la région.",
        ("developpement-local",),
        320,
        POOL,
        reason="Cherche un atelier.",
    ),
    Idea(
        "Drive des fermes",
        "retrait de paniers",
        "Commander en ligne aux fermes du coin et retirer à la gare.",
        ("circuits-courts",),
        350,
        REFUSED,
        WEB,
        reason="L’activité existe déjà sur la commune ; orienté vers Les Paniers de la Lawe.",
    ),
    Idea(
        "Bar à chats",
        "salon de thé",
        "Un salon de thé où vivent des chats à adopter.",
        ("commerce",),
        300,
        ABANDONED,
        WEB,
        reason="A retrouvé un emploi salarié.",
    ),
    Idea(
        "Bijoux de verre",
        "bijouterie de verre recyclé",
        "Fondre les bouteilles vides pour en faire des bijoux.",
        ("economie-circulaire",),
        225,
        ABANDONED,
        reason="Sans nouvelles depuis trois mois.",
    ),
    Idea(
        "Projet d’essai de l’équipe",
        "",
        "Pour apprendre à se servir du logiciel.",
        (),
        30,
        FIRST,
        WEB,
        is_test=True,
        holder="Essai Formation",
    ),
    Idea(
        "Le Coron gourmand",
        "épicerie fine",
        "Les produits des terrils : miel, conserves, bières, dans un coron rénové.",
        ("circuits-courts", "commerce"),
        7,
        FIRST,
        WEB,
        "lens",
    ),
    Idea(
        "Guide de poche du Bassin minier",
        "édition",
        "Un guide à emporter, écrit avec les anciens mineurs.",
        ("developpement-local",),
        18,
        FIRST,
        EVENT,
        "lens",
    ),
    Idea(
        "Ordi pour tous",
        "reconditionnement d’ordinateurs",
        "Remettre en état des ordinateurs d’entreprise et former ceux qui les achètent.",
        ("economie-circulaire", "ess"),
        52,
        ASSESSMENT,
        REFERRED,
        "lens",
        referrer="france-travail-lens",
    ),
    Idea(
        "La Navette des aînés",
        "transport accompagné",
        "Accompagner les personnes âgées au marché et chez le médecin.",
        ("ess", "developpement-local"),
        80,
        ASSESSMENT,
        CITY,
        "lens",
        referrer="lens",
    ),
    Idea(
        "Couture du stade",
        "couture",
        "Des sacs cousus dans les bâches et les drapeaux usagés du stade.",
        ("economie-circulaire",),
        120,
        SUPPORT,
        DESK,
        "lens",
    ),
    Idea(
        "Champignons du puits 11",
        "culture de champignons",
        "Cultiver des pleurotes sur le marc de café des bars de Lens.",
        ("circuits-courts", "economie-circulaire"),
        200,
        SUPPORT,
        REFERRED,
        "lens",
        referrer="france-travail-lens",
    ),
    Idea(
        "Café des langues",
        "café associatif",
        "Un café où l’on parle polonais, arabe, anglais ou ch’ti.",
        ("ess",),
        290,
        POOL,
        DESK,
        "lens",
        reason="Cherche deux associées.",
    ),
    Idea(
        "Location de drones",
        "prises de vue aériennes",
        "Filmer les toitures et les mariages.",
        (),
        260,
        REFUSED,
        WEB,
        "lens",
        reason="L’assurance du groupe ne couvre pas cette activité.",
    ),
    Idea(
        "Pizzas au feu de bois",
        "restauration ambulante",
        "Un four sur remorque, pour les villages sans restaurant.",
        ("commerce",),
        180,
        ABANDONED,
        PHONE,
        "lens",
        reason="Le financement n’a pas abouti.",
    ),
)
