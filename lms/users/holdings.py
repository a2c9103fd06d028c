"""What is held about people: each room declares it here, so that it can be handed out, erased and merged whole.

Every relation that leads to a person has a declaration; a test walks the models and fails for one without. The rooms above
register from ``ready``: this room does not know them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models
from django.utils.functional import Promise

from lms.core.spreadsheets import Sheet

Words = str | Promise


class Fate(Enum):
    """What an erasure does with the rows of a relation."""

    KEPT = "kept"  # stays under an account without a name: figures and the register must not change
    REMOVED = "removed"
    OF_OTHERS = "of others"  # what the person did in records of others: stays as it is


@dataclass(frozen=True)
class Merge:
    """Two accounts of one person: ``kept`` goes on, ``closed`` ends; by whom and when."""

    kept: Any
    closed: Any
    actor: Any
    now: datetime


@dataclass(frozen=True)
class Merged:
    """How many rows came over, and how many stay with the closed account, with the reason why."""

    moved: int
    left: int = 0
    why: Words = ""


@dataclass(frozen=True)
class Holding:
    """One relation to people: ``relation`` is "app.Model.field"; ``label`` says on screen what its rows are.

    ``redact`` empties what rows that stay say of the person. ``merge`` carries rows over when two accounts of one person
    become one; without it they stay where they are (``Fate.OF_OTHERS``) or go with the account that is closed.
    """

    relation: str
    fate: Fate
    label: Words = ""
    redact: Callable[[models.QuerySet], None] | None = None
    merge: "Callable[[Merge], Merged] | None" = None

    def of(self, person) -> models.QuerySet:
        model_label, _dot, name = self.relation.rpartition(".")
        model = apps.get_model(model_label)
        return model._base_manager.filter(**{name: person})


@dataclass(frozen=True)
class HeldFile:
    """A file that goes into the export: its path there, and where it lies."""

    path: str
    storage: Storage
    name: str


SheetsOf = Callable[..., Iterable[Sheet]]
_holdings: dict[str, Holding] = {}
_sheets: dict[SheetsOf, int] = {}
_files: list[Callable[..., Iterable[HeldFile]]] = []
_obstacles: list[Callable[..., Iterable[Words]]] = []
_redactions: list[Callable[[Any], None]] = []
_merge_obstacles: list[Callable[[Any, Any], Iterable[Words]]] = []


def register_holdings(*holdings: Holding) -> None:
    for holding in holdings:
        _holdings[holding.relation] = holding


def register_sheets(sheets_of: SheetsOf, *, order: int) -> None:
    """``sheets_of(person)`` gives sheets of the export."""
    _sheets[sheets_of] = order


def register_files(files_of: Callable[..., Iterable[HeldFile]]) -> None:
    """``files_of(person)`` gives the files that go with it."""
    if files_of not in _files:
        _files.append(files_of)


def register_obstacle(obstacles_of: Callable[..., Iterable[Words]]) -> None:
    """``obstacles_of(person, on=day)`` says what has to end before the person may be erased."""
    if obstacles_of not in _obstacles:
        _obstacles.append(obstacles_of)


def register_redaction(redact: Callable[[Any], None]) -> None:
    """``redact(person)`` empties what is said of the person in rows that hang on the person's records, not on the person."""
    if redact not in _redactions:
        _redactions.append(redact)


def register_merge_obstacle(obstacles_of: Callable[[Any, Any], Iterable[Words]]) -> None:
    """``obstacles_of(kept, closed)`` says why two accounts cannot become one yet."""
    if obstacles_of not in _merge_obstacles:
        _merge_obstacles.append(obstacles_of)


def move_all(relation: str) -> Callable[[Merge], Merged]:
    """Carry every row over as it is."""

    def merge(accounts: Merge) -> Merged:
        name = relation.rpartition(".")[2]
        return Merged(Holding(relation, Fate.KEPT).of(accounts.closed).update(**{name: accounts.kept}))

    return merge


def holdings() -> list[Holding]:
    return list(_holdings.values())


def sheets_of(person) -> list[Sheet]:
    return [sheet for made in sorted(_sheets, key=_sheets.__getitem__) for sheet in made(person)]


def files_of(person) -> list[HeldFile]:
    return [file for made in _files for file in made(person)]


def obstacles_to_erasing(person, *, on: date) -> list[Words]:
    return [words for found in _obstacles for words in found(person, on=on)]


def redact_further(person) -> None:
    for redact in _redactions:
        redact(person)


def obstacles_to_merging(kept, closed) -> list[Words]:
    return [words for found in _merge_obstacles for words in found(kept, closed)]


def relations_to_people(person_model: type[models.Model]) -> set[str]:
    """Every relation that leads to a person, hidden ones too, as "app.Model.field"."""
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in person_model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }
