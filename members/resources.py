"""The list of members as it may be brought in a spreadsheet: who they are, where, under which contract, with what."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from phonenumber_field.formfields import PhoneNumberField

from coopconnexion.accounts.enums import WORK_ROLES, Source
from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_work
from coopconnexion.backoffice import imports
from coopconnexion.backoffice.imports import CHANGED, NEW, UNCHANGED, Outcome, RowList
from coopconnexion.db import NameKey
from coopconnexion.refusals import refusal_at
from coopconnexion.sheets import Column, values
from coopconnexion.sheets.values import fold
from coopconnexion.territories.models import Territory
from members.models import Business, ContractKind, Member
from members.services import associate_member, edit_member, open_business, sign_contract, welcome_member

COLUMNS = (
    Column("reference", "Référence", values.text(), ("Réf", "Référence membre", "N° membre", "ID")),
    Column("last_name", "Nom", values.text(max_length=100), ("Nom de famille",), required=True, filled=True),
    Column("first_name", "Prénom", values.text(max_length=100), required=True, filled=True),
    Column("email", "E-mail", values.email, ("Courriel", "Adresse e-mail", "Mail")),
    Column("phone", "Téléphone", values.text(max_length=40), ("Tél", "Portable", "Mobile")),
    Column("territory", "Territoire", values.text(), ("Antenne", "Site")),
    Column("advisor", "Référent·e", values.email, ("Référent", "Référente", "Conseiller", "Conseillère", "Suivi par")),
    Column("kind", "Contrat", values.text(), ("Nature", "Nature du contrat", "Type de contrat")),
    Column("starts_on", "Début du contrat", values.day(), ("Début", "Du", "Date de début")),
    Column("ends_on", "Dernier jour du contrat", values.day(), ("Fin", "Au", "Fin du contrat", "Date de fin")),
    Column("business", "Entreprise", values.text(), ("Nom commercial", "Enseigne")),
    Column("activity", "Activité", values.text(), ("Métier",)),
    Column("associated_on", "Associé·e depuis le", values.day(), ("Associé depuis", "Date d’association")),
)


def may_import(user) -> bool:
    return user.is_active and user.territory_ids(*WORK_ROLES) != set()


def write(typed: dict, *, by: User, at: datetime) -> Outcome:
    """Welcome a member, or complete who is known already: by reference, else by name with e-mail or phone.

    What a row leaves empty stays as it is; a contact that is known is never overwritten.

    :raises ValidationError: by column
    """
    told = {name: value for name, value in typed.items() if value not in (None, "")}
    member, is_new = found_or_welcomed(told, by, at)
    changes = [
        *belonging(member, told, at),
        *contract(member, told),
        *business(member, told),
        *association(member, told),
    ]
    kind = NEW if is_new else CHANGED if changes else UNCHANGED
    return Outcome(kind, f"{member} ({member.reference})", tuple(changes))


def found_or_welcomed(told: dict, by: User, at: datetime) -> tuple[Member, bool]:
    member = referenced(told, by)
    if member is None:
        member = (
            Member.objects.select_related("person", "territory", "advisor").filter(known(told)).order_by("pk").first()
        )
    if member is None:
        return welcomed(told, by, at), True
    if not can_work(by, member.territory_id):
        raise ValidationError("Cette personne est membre sur un autre territoire : voyez avec la direction.")
    return member, False


def referenced(told: dict, by: User) -> Member | None:
    """Return the member whose reference the row gives, whose name it repeats."""
    if "reference" not in told:
        return None
    digits = told["reference"].strip().upper().removeprefix("M").strip()
    rows = Member.objects.visible_to(by).select_related("person", "territory", "advisor")
    member = rows.filter(pk=int(digits)).first() if digits.isdecimal() and len(digits) < 10 else None
    if member is None:
        raise refusal_at("reference", f"{told['reference']} n’est la référence d’aucun membre.", "member_unknown")
    if fold(f"{member.person.first_name} {member.person.last_name}") != fold(
        f"{told['first_name']} {told['last_name']}"
    ):
        raise refusal_at("reference", f"{told['reference']} est {member.person} : vérifiez.", "member_other")
    return member


def known(told: dict) -> Q:
    """Return the condition that a member bears this name with this e-mail, or this phone."""
    name = NameKey(Value(f"{told['first_name']} {told['last_name']}"))
    same = Q(pk__in=[])
    if "email" in told:
        mails = Member.objects.alias(mail=Lower("person__email")).filter(mail=told["email"])
        same |= Q(pk__in=mails.values("pk"))
    if "phone" in told:
        same |= Q(person__phone=phone_of(told))
    return same & Q(person__name_key=name)


def phone_of(told: dict) -> str:
    if "phone" not in told:
        return ""
    try:
        return PhoneNumberField().clean(told["phone"])
    except ValidationError:
        raise refusal_at("phone", "Écrivez un numéro comme 06 12 34 56 78.", "phone_invalid") from None


def welcomed(told: dict, by: User, at: datetime) -> Member:
    if "email" not in told and "phone" not in told:
        raise refusal_at("email", "Indiquez un e-mail ou un téléphone, pour joindre la personne.", "contact_missing")
    contact = {"first_name": told["first_name"], "last_name": told["last_name"], "email": told.get("email", "")}
    territory = territory_of(told, by)
    return welcome_member(
        person=None,
        contact=contact | {"phone": phone_of(told)},
        territory=territory,
        advisor=advisor_of(told),
        source=Source.UNKNOWN,
        referrer=None,
        at=at,
    )


def territory_of(told: dict, by: User) -> Territory:
    ids = by.territory_ids(*WORK_ROLES)
    rows = list(Territory.objects.order_by("pk") if ids is None else Territory.objects.filter(pk__in=ids))
    if "territory" not in told and len(rows) == 1:
        return rows[0]
    wanted = fold(told.get("territory", ""))
    for each in rows:
        if wanted in (fold(each.name), fold(each.slug)):
            return each
    names = ", ".join(str(each) for each in rows)
    raise refusal_at("territory", f"Indiquez un territoire où vous travaillez : {names}.", "territory_unknown")


def advisor_of(told: dict) -> User | None:
    if "advisor" not in told:
        return None
    advisor = User.objects.alias(mail=Lower("email")).filter(mail=told["advisor"], is_active=True).first()
    if advisor is None:
        raise refusal_at("advisor", f"{told['advisor']} n’est l’adresse de personne de l’équipe.", "advisor_unknown")
    return advisor


def belonging(member: Member, told: dict, at: datetime):
    """Change who follows a member; yield the change in words."""
    advisor = advisor_of(told)
    if advisor is None or advisor == member.advisor:
        return
    before = str(member.advisor or "personne")
    edit_member(
        member=member,
        territory=member.territory,
        advisor=advisor,
        source=member.source,
        referrer=member.referrer,
        today=timezone.localdate(at),
    )
    yield "Référent·e", before, str(advisor)


def contract(member: Member, told: dict):
    """Sign the contract of the row, unless it is known."""
    if "kind" not in told:
        return
    if "starts_on" not in told:
        raise refusal_at("starts_on", "Indiquez le premier jour de ce contrat.", "start_missing")
    kind, end = kind_of(told), told.get("ends_on") and told["ends_on"] + timedelta(days=1)
    same = member.contracts.filter(kind=kind, starts_on=told["starts_on"]).first()
    if same is None:
        signed = sign_contract(member=member, kind=kind, starts_on=told["starts_on"], ends_on=end)
        yield "Contrat", "", str(signed)
    elif end and same.ends_on != end:
        raise refusal_at(
            "ends_on", "Ce contrat est connu avec une autre fin : corrigez-le sur la fiche.", "contract_differs"
        )


def kind_of(told: dict) -> ContractKind:
    kinds = list(ContractKind.objects.active().order_by("pk"))
    wanted = fold(told["kind"])
    for each in kinds:
        if wanted in (fold(each.label), fold(each.key)):
            return each
    names = ", ".join(each.label for each in kinds)
    raise refusal_at("kind", f"« {told['kind']} » n’est pas une nature de contrat : {names}.", "kind_unknown")


def business(member: Member, told: dict):
    if "business" not in told:
        return
    if "activity" not in told:
        raise refusal_at("activity", "Indiquez l’activité de cette entreprise.", "activity_missing")
    same = Business.objects.alias(key=NameKey("name")).filter(members=member, key=NameKey(Value(told["business"])))
    if not same.exists():
        opened = told.get("starts_on")
        if opened is None:
            raise refusal_at("starts_on", "Indiquez depuis quand, avec le début du contrat.", "start_missing")
        open_business(name=told["business"], activity=told["activity"], members=[member], opened_on=opened)
        yield "Entreprise", "", told["business"]


def association(member: Member, told: dict):
    since = told.get("associated_on")
    if since is None or since == member.associated_on:
        return
    if member.associated_on:
        raise refusal_at(
            "associated_on",
            "Cette personne est associée depuis une autre date : voyez sa fiche.",
            "association_differs",
        )
    associate_member(member=member, associated_on=since)
    yield "Associé·e depuis le", "", f"{since:%d/%m/%Y}"


imports.register(
    RowList(
        key="membres",
        title="Membres",
        back="members_staff:member_list",
        columns=COLUMNS,
        may=may_import,
        write=write,
        advice=(
            "Une ligne par membre ; une seconde ligne de la même personne ajoute un contrat ou une entreprise.",
            "Une personne est reconnue par sa référence (M45), sinon par son nom avec son e-mail ou son téléphone.",
            "Une cellule vide ne change rien à ce qui est connu, et des coordonnées connues ne sont jamais remplacées.",
            "« Contrat » est la nature (CAPE, CESA…) ; un contrat déjà connu n’est pas signé deux fois.",
        ),
    )
)
