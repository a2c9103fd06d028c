"""What is held about people: each room declares it here, so that it can be handed out and erased whole.

Every relation that leads to a person has a declaration; a test walks the models and fails for one without. The rooms above
register from ``ready``: this room does not know them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

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
class Holding:
    """One relation to people: ``relation`` is "app.Model.field"; ``label`` says on screen what its rows are.

    ``redact`` empties what rows that stay say of the person.
    """

    relation: str
    fate: Fate
    label: Words = ""
    redact: Callable[[models.QuerySet], None] | None = None

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


def holdings() -> list[Holding]:
    return list(_holdings.values())


def sheets_of(person) -> list[Sheet]:
    return [sheet for made in sorted(_sheets, key=_sheets.__getitem__) for sheet in made(person)]


def files_of(person) -> list[HeldFile]:
    return [file for made in _files for file in made(person)]


def obstacles_to_erasing(person, *, on: date) -> list[Words]:
    return [words for found in _obstacles for words in found(person, on=on)]


def relations_to_people(person_model: type[models.Model]) -> set[str]:
    """Every relation that leads to a person, hidden ones too, as "app.Model.field"."""
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in person_model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }
