"""The history that triggers keep of every row, in French words: who changed what, when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.db import models

from coopconnexion.french import day_words, moment_words

VERSIONS_PER_PAGE = 50
EMPTY = "–"
AUTOMATIC = "traitement automatique"
ACTS = {"insert": "création", "update": "modification", "delete": "suppression"}


@dataclass(frozen=True)
class Change:
    """One field of a version: its French label, and its value before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Version:
    """One write: when, by whom, what."""

    at: datetime
    who: str
    act: str
    changes: list[Change] = field(default_factory=list)


def history_page(obj: models.Model, number: str | None) -> Page | None:
    """Return a page of the :class:`Version` of ``obj``, newest first; ``None`` when its model keeps no history.

    The number of queries depends on the fields of the model, not on the versions.
    """
    if not hasattr(type(obj), "history"):
        return None
    events = obj.history.select_related("pgh_context").order_by("-pgh_id")
    page = Paginator(events, VERSIONS_PER_PAGE).get_page(number)
    start = page.start_index() - 1 if page.paginator.count else 0
    shown = list(events[start : start + VERSIONS_PER_PAGE + 1])  # one more: what the oldest shown came from
    rows = versions(shown)[:VERSIONS_PER_PAGE]
    newer = events[start - 1].pgh_created_at if start else None
    older = shown[VERSIONS_PER_PAGE - 1].pgh_created_at if len(shown) > VERSIONS_PER_PAGE else None
    page.object_list = with_links(rows, link_versions(obj, since=older, before=newer))
    return page


def with_links(rows: list[Version], links: list[Version]) -> list[Version]:
    """Return both in order, newest first; what one person did in one transaction is one version."""
    known = {(row.at, row.who): row for row in rows}
    for link in links:
        if row := known.get((link.at, link.who)):
            row.changes.extend(link.changes)
    alone = [link for link in links if (link.at, link.who) not in known]
    return sorted([*rows, *alone], key=lambda version: version.at, reverse=True)


def link_versions(obj: models.Model, *, since: datetime | None, before: datetime | None) -> list[Version]:
    """Return what was added to and taken from the many-to-many fields of ``obj`` in ``[since, before)``."""
    found: dict[tuple[datetime, str], Version] = {}
    for each in obj._meta.many_to_many:
        events = link_events(each, obj, since=since, before=before)
        target = each.m2m_reverse_field_name() + "_id"
        names = each.related_model._base_manager.in_bulk({getattr(event, target) for event in events})
        authors = author_names(events)
        label = str(each.verbose_name).capitalize()
        for event in events:
            at, who = event.pgh_created_at, author(event, authors)
            pk = getattr(event, target)
            name = str(names.get(pk, f"n° {pk}, supprimé"))
            old, new = (EMPTY, name) if event.pgh_label == "insert" else (name, EMPTY)
            version = found.setdefault((at, who), Version(at, who, ACTS["update"]))
            version.changes.append(Change(label, old, new))
    return list(found.values())


def link_events(each: models.ManyToManyField, obj: models.Model, *, since, before) -> list[models.Model]:
    history = getattr(each.remote_field.through, "link_history", None)
    if history is None:
        return []
    events = history.objects.filter(**{each.m2m_field_name(): obj.pk}).select_related("pgh_context")
    if since:
        events = events.filter(pgh_created_at__gte=since)
    if before:
        events = events.filter(pgh_created_at__lt=before)
    return list(events.order_by("pgh_id"))


def versions(events: list[models.Model]) -> list[Version]:
    """Return what each event changed since the one that follows it in the list, which is the one before it in time."""
    if not events:
        return []
    authors = author_names(events)
    words = Words(events)
    return [
        Version(
            at=event.pgh_created_at,
            who=author(event, authors),
            act=ACTS.get(event.pgh_label, event.pgh_label),
            changes=words.changes(event, before),
        )
        for event, before in zip(events, [*events[1:], None], strict=True)
    ]


def author_id(event: models.Model) -> int | None:
    return (event.pgh_context.metadata or {}).get("user") if event.pgh_context else None


def author(event: models.Model, names: dict[int, str]) -> str:
    pk = author_id(event)
    if pk is not None:
        return names.get(pk, f"compte n° {pk}, supprimé")
    return "une personne sans compte, sur le site" if event.pgh_context else AUTOMATIC


def author_names(events: Iterable[models.Model]) -> dict[int, str]:
    """Name the accounts that wrote these events, those deleted since included: two queries."""
    user_model = get_user_model()
    wanted = {pk for event in events if (pk := author_id(event)) is not None}
    names = {pk: str(user) for pk, user in user_model.objects.in_bulk(wanted).items()}
    if gone := wanted - names.keys():
        past = user_model._meta.get_field("history").related_model
        for row in past.objects.filter(pgh_obj_id__in=gone).order_by("pgh_id"):
            names[row.pgh_obj_id] = f"{row.name or row.email} (compte supprimé)"
    return names


class Words:
    """The values of some events of one model, in French: one query per model they point to."""

    def __init__(self, events: list[models.Model]):
        self.fields = [each for each in events[0]._meta.concrete_fields if is_shown(each)]
        self.related = {}
        for each in self.fields:
            if each.is_relation:
                keys = {value for event in events if (value := getattr(event, each.attname)) is not None}
                model = each.remote_field.model
                self.related.setdefault(model, set()).update(keys)
        self.names = {
            model: {row.pk: str(row) for row in model._base_manager.select_related().filter(pk__in=keys)}
            for model, keys in self.related.items()
            if keys
        }

    def changes(self, event: models.Model, before: models.Model | None) -> list[Change]:
        if event.pgh_label == "delete":
            return []
        found = []
        for each in self.fields:
            old, new = getattr(before, each.attname, None), getattr(event, each.attname)
            if old != new and (before or new not in (None, "", [])):
                label = str(each.verbose_name)
                found.append(Change(label[:1].upper() + label[1:], self.say(each, old), self.say(each, new)))
        return found

    def say(self, each: models.Field, value) -> str:
        if value in (None, "", []):
            return EMPTY
        if each.is_relation:
            return self.names[each.remote_field.model].get(value, f"n° {value}, supprimé")
        if each.choices:
            return str(dict(each.flatchoices).get(value, value))
        return say_value(value)


def is_shown(each: models.Field) -> bool:
    return not each.name.startswith("pgh_") and each.name != "id" and not isinstance(each, models.UUIDField)


def say_value(value) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return moment_words(value)
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
