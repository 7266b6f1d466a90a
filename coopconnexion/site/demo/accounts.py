"""Who can sign in: one account per role, by a code sent to the address."""

from datetime import date

from allauth.account.models import EmailAddress

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import User
from coopconnexion.periods import months_later
from coopconnexion.site.demo.story import DOMAIN, Story

ACCOUNTS = {
    "conseillère": ("conseillere", "Camille Delannoy", Role.ADVISOR, ["bethune", "lens"]),
    "directrice": ("directrice", "Hélène Vermeersch", Role.MANAGER, [None]),
    "élue de Béthune": ("elue", "Isabelle Marchandise", Role.OFFICIAL, ["bethune"]),
    "lectrice": ("lectrice", "Agnès Pouille", Role.READER, ["bethune", "lens"]),
    "candidate": ("candidate", "Nadia Belkacem", None, []),
    "membre": ("membre", "Delphine Hennebelle", None, []),
}
COLLEAGUE = ("conseiller", "Hugo Bourgeois", Role.ADVISOR, ["bethune", "lens"])
SINCE = date(2019, 12, 16)


def addresses() -> dict[str, str]:
    """Return the address of each account, by the French name of its role."""
    return {role: f"{local}@{DOMAIN}" for role, (local, *_) in ACCOUNTS.items()}


def end_of(role: Role | None, story: Story) -> date | None:
    """Officials are invited for a year."""
    return months_later(story.today, 12) if role == Role.OFFICIAL else None


def tell(story: Story) -> None:
    for local, name, role, territories in (*ACCOUNTS.values(), COLLEAGUE):
        user = User.objects.create_user(f"{local}@{DOMAIN}", name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        for slug in territories:
            user.mandates.create(
                role=role, territory=slug and story.territories[slug], starts_on=SINCE, ends_on=end_of(role, story)
            )
        story.users[local] = user
