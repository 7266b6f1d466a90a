"""Invented people: first and last names that are common around Béthune and Lens, paired without meaning anybody."""

FIRST_NAMES = (
    *("Aurélie", "Karim", "Julie", "Thomas", "Sandrine", "Kévin", "Amélie", "David", "Océane", "Mehdi", "Céline"),
    *("Bruno", "Fatima", "Nicolas", "Pauline", "Sébastien", "Laura", "Ludovic", "Inès", "Grégory", "Mélanie"),
    *("Anthony", "Chloé", "Jérôme", "Sabrina", "Maxime", "Élodie", "Olivier", "Yasmine", "Cédric", "Justine"),
    *("Rachid", "Virginie", "Florian", "Hélène", "Mathieu", "Émilie", "Arnaud", "Lucie", "Piotr", "Stéphanie"),
    *("Damien", "Clémence", "Benoît", "Nora", "Quentin"),
)
LAST_NAMES = (
    *("Lefebvre", "Delattre", "Carpentier", "Vasseur", "Kowalski", "Leclercq", "Caron", "Benali", "Flament", "Dubois"),
    *("Wattel", "Hochart", "Nowak", "Lemaire", "Bouchart", "Diallo", "Cuvelier", "Delporte", "Hennion", "Saadi"),
    *("Legrand", "Pruvost", "Marquette", "Dupuis", "Wozniak", "Thellier", "Bailleul", "Cordonnier", "El Amrani"),
    *("Fontaine", "Decroix", "Lecointe", "Mercier", "Petitprez", "Zielinski", "Rogez", "Bacquet", "Dumont", "Vanhée"),
    *("Crépin", "Boulanger", "Hamdi", "Duquesne", "Lesage", "Poulain", "Gosselin", "Sobczak", "Ricart", "Deneuville"),
    *("Tavernier", "Capron", "Merlin", "Loyer", "Brasseur", "Guilbert", "Jankowiak", "Picavet", "Desprez", "Ansart"),
    *("Willerval", "Dhénin"),
)
