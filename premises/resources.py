"""The inventory of missing activities as it may be brought in a spreadsheet."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F, Value

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import User
from coopconnexion.backoffice import imports
from coopconnexion.backoffice.imports import CHANGED, NEW, UNCHANGED, Outcome, RowList
from coopconnexion.db import NameKey
from coopconnexion.refusals import refusal_at
from coopconnexion.sheets import Column, values
from coopconnexion.sheets.values import fold
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Activity, Commune, NafCode, Territory
from premises.enums import GapSource
from premises.models import MissingActivity
from premises.services import change_gap, note_gap

COLUMNS = (
    Column("commune", "Commune", values.text(), ("Ville",), required=True, filled=True),
    Column("sector", "Secteur", values.text(max_length=100), ("Quartier",)),
    Column("label", "Activité", values.text(), ("Activité manquante", "Commerce"), required=True, filled=True),
    Column("naf", "Code NAF", values.text(), ("NAF", "APE", "Code APE")),
    Column("source", "Source", values.text(), required=True, filled=True),
    Column("source_detail", "Précision", values.text(), ("Précision sur la source",)),
    Column("observed_on", "Constatée le", values.day(), ("Date", "Constat"), required=True, filled=True),
    Column("reason", "Pourquoi", values.text(max_length=2000), ("Motif", "Raison")),
    Column("evidence", "Éléments à l’appui", values.text(max_length=2000), ("Preuve", "Justification")),
    Column("review_on", "À revoir le", values.day(), ("Révision",)),
)
TOLD = ("naf", "source", "source_detail", "observed_on", "reason", "evidence", "review_on")
"""What a row says of a gap that is known already."""


def may_import(user) -> bool:
    return user.is_active and user.territory_ids(*WORK_ROLES) != set()


def write(typed: dict, *, by: User, at: datetime) -> Outcome:
    """Note a missing activity, or complete the live one of the same town, sector and name.

    :raises ValidationError: by column
    """
    told = {name: value for name, value in typed.items() if value not in (None, "")}
    commune = commune_of(told)
    territory = territory_of(commune, by)
    told |= {"source": source_of(told)} | ({"naf": naf_of(told)} if "naf" in told else {})
    what = f"{told['label']}, {commune}"
    gap = known(territory, commune, told)
    if gap is None:
        activity = Activity.objects.active().alias(key_=NameKey("label")).filter(key_=NameKey(Value(told["label"])))
        rest = {name: told[name] for name in (*TOLD, "sector") if name in told}
        note_gap(
            territory=territory,
            commune=commune,
            label=told["label"],
            activity=activity.order_by("pk").first(),
            by=by,
            at=at,
            **rest,
        )
        return Outcome(NEW, what)
    changed = {name: told[name] for name in TOLD if name in told and getattr(gap, name) != told[name]}
    if not changed:
        return Outcome(UNCHANGED, what)
    words = tuple((label_of(name), said(getattr(gap, name)), said(value)) for name, value in changed.items())
    change_gap(gap=gap, by=by, at=at, **changed)
    return Outcome(CHANGED, what, words)


def known(territory: Territory, commune: Commune, told: dict) -> MissingActivity | None:
    live = MissingActivity.objects.live().filter(territory=territory, commune=commune)
    keys = {"name": NameKey(F("label")), "place": NameKey(F("sector"))}
    wanted = {"name": NameKey(Value(told["label"])), "place": NameKey(Value(told.get("sector", "")))}
    return live.alias(**keys).filter(**wanted).order_by("pk").first()


def commune_of(told: dict) -> Commune:
    try:
        return CommuneField().clean(told["commune"])
    except ValidationError as refusal:
        raise refusal_at("commune", refusal.messages[0], "commune_unknown") from None


def territory_of(commune: Commune, by: User) -> Territory:
    ids = by.territory_ids(*WORK_ROLES)
    rows = Territory.objects.filter(communes=commune).order_by("pk")
    found = (rows if ids is None else rows.filter(pk__in=ids)).first()
    if found is None:
        raise refusal_at("commune", f"{commune} n’est d’aucun territoire où vous travaillez.", "commune_elsewhere")
    return found


def source_of(told: dict) -> GapSource:
    wanted = fold(told["source"])
    for each in GapSource:
        if wanted in (fold(each.label), fold(each.value)):
            return each
    names = ", ".join(each.label for each in GapSource)
    raise refusal_at("source", f"Source inconnue : écrivez l’une de {names}.", "source_unknown")


def naf_of(told: dict) -> NafCode:
    code = told["naf"].replace(" ", "").upper()
    code = code if "." in code else f"{code[:2]}.{code[2:]}"
    found = NafCode.objects.filter(pk=code).first()
    if found is None:
        raise refusal_at("naf", f"{told['naf']} n’est pas un code NAF rév. 2, comme 47.11B.", "naf_unknown")
    return found


def label_of(name: str) -> str:
    return next(column.label for column in COLUMNS if column.key == name)


def said(value) -> str:
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value or "")


imports.register(
    RowList(
        key="activites",
        title="Activités manquantes",
        back="gaps_staff:gap_list",
        columns=COLUMNS,
        may=may_import,
        write=write,
        advice=(
            "Une ligne par activité et par commune, ou par secteur d’une commune.",
            "Une activité déjà à l’inventaire de cette commune est complétée ; son état se change sur sa page.",
            "« Source » : calcul, enquête, élu·e, permanence, étude ou autre.",
        ),
    )
)
