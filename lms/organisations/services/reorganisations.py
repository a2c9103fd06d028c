"""Changes of the structure: each in one transaction, with its decision, and with what undoing it needs.

A change is entered on its day or after it, never before, and after the last change of every unit it reshapes. People and
what follows them go along; what was completed before the day stays with the unit of its day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from lms.core.audit import record_event, record_events
from lms.core.vietnamese import nfc
from lms.organisations.followers import people_moved
from lms.organisations.models import Posting, RoleGrant, Unit, UnitEvent, UnitSuccession, UnitVersion
from lms.organisations.permissions import require_configurer

from .errors import (
    MovesIntoItself,
    NothingChanges,
    NotInThisUnit,
    PostedLater,
    UnitNotStanding,
    VersionNotLater,
)
from .roles import put_into_groups
from .units import create_unit, put_below

SHAPE = ["code", "name", "name_en", "kind", "parent_id"]
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Decision:
    """By what a change was ordered. ``to_confirm`` marks what is entered before the paper was seen."""

    number: str = ""
    day: date | None = None
    note: str = ""
    to_confirm: bool = False


@dataclass(frozen=True)
class NewUnit:
    code: str
    name: str
    kind: str
    name_en: str = ""


@dataclass
class _Reorganisation:
    """One change being made; keeps what undoing it needs."""

    event: UnitEvent
    actor: Any
    now: datetime
    people: set[int] = field(default_factory=set)
    touched: dict[int, Unit] = field(default_factory=dict)

    @classmethod
    def begin(cls, kind: str, *, on: date, decision: Decision, actor, now: datetime) -> "_Reorganisation":
        require_configurer(actor, now=now)
        event = UnitEvent.objects.create(
            kind=kind,
            effective_on=on,
            decision_number=nfc(decision.number),
            decision_date=decision.day,
            note=nfc(decision.note),
            to_confirm=decision.to_confirm,
            recorded_by=actor,
            recorded_at=now,
            changes={
                "created": [], "ended": [], "shape_before": {}, "opened": [], "closed": [], "amended": [],
                "postings_opened": [], "postings_closed": [], "roles_ended": [],
            },
        )  # fmt: skip
        return cls(event=event, actor=actor, now=now)

    @property
    def on(self) -> date:
        return self.event.effective_on

    def _open_version(self, unit: Unit) -> UnitVersion:
        """The unit's present version, kept still; its last change must not lie after the day, nor the day after today."""
        version = (
            UnitVersion.objects.select_for_update(no_key=True, of=("self",))
            .filter(unit=unit, valid_to__isnull=True)
            .first()
        )
        if version is None:
            raise UnitNotStanding(unit)
        if not version.valid_from <= self.on <= timezone.localdate(self.now):
            raise VersionNotLater(unit)
        return version

    def require_standing(self, unit: Unit) -> None:
        """The unit stood on the day and stands now."""
        versions = UnitVersion.objects.filter(unit=unit)
        if not (versions.on(self.on).exists() and versions.filter(valid_to__isnull=True).exists()):
            raise UnitNotStanding(unit)

    def found(self, new: NewUnit, parent: Unit | None) -> Unit:
        if self.on > timezone.localdate(self.now):
            raise VersionNotLater(Unit(name=new.name))
        if parent is not None:
            self.require_standing(parent)
        unit = create_unit(
            code=new.code, name=new.name, name_en=new.name_en, kind=new.kind, parent=parent,
            valid_from=self.on, actor=self.actor, now=self.now, event=self.event,
        )  # fmt: skip
        self.touched[unit.pk] = unit
        self.event.changes["created"].append(unit.pk)
        return unit

    def reshape(self, unit: Unit, **after: Any) -> None:
        """Give the unit another name, kind, code or parent from the day on."""
        version = self._open_version(unit)
        before = {name: getattr(version, name) for name in SHAPE}
        changed = {name: value for name, value in after.items() if before[name] != value}
        if not changed:
            return
        if parent_id := changed.get("parent_id"):
            parent = Unit.objects.get(pk=parent_id)
            self.require_standing(parent)
            if parent.path.startswith(unit.path):
                raise MovesIntoItself
        if version.valid_from == self.on:
            # A second change on one day: there is one shape a day, so the first is amended.
            self.event.changes["amended"].append([version.pk, before])
            UnitVersion.objects.filter(pk=version.pk).update(**changed)
        else:
            self._close(version)
            opened = UnitVersion.objects.create(
                unit=unit, valid_from=self.on, opened_by=self.event, **(before | changed)
            )
            self.event.changes["opened"].append(opened.pk)
        if "parent_id" in changed:
            put_below(unit, Unit.objects.get(pk=parent_id) if parent_id else None)
        for name, value in changed.items():
            setattr(unit, name, value)
        unit.set_derived_fields()
        unit.full_clean()
        unit.save(update_fields=["code", "name", "name_en", "kind"])
        self.touched[unit.pk] = unit
        record_event(
            actor=self.actor, action="unit.changed", target=unit, now=self.now, on=self.on.isoformat(),
            changes={name: [before[name], value] for name, value in changed.items()},
        )  # fmt: skip

    def end(self, unit: Unit, heir: Unit | None) -> None:
        """The unit ends on the day. Its records stay its own; it stands below its heir so that they are read there."""
        version = self._open_version(unit)
        if version.valid_from == self.on:
            raise VersionNotLater(unit)
        self._close(version)
        self.event.changes["ended"].append(unit.pk)
        if heir is not None and heir.path.startswith(unit.path):
            raise MovesIntoItself
        if heir is not None and unit.parent_id != heir.pk:
            put_below(unit, heir)
        Unit.objects.filter(pk=unit.pk).update(ended_on=self.on)
        unit.ended_on = self.on
        self.touched[unit.pk] = unit
        self._end_roles(unit)
        record_event(
            actor=self.actor, action="unit.ended", target=unit, now=self.now, on=self.on.isoformat(),
            heir=heir.code if heir else None,
        )  # fmt: skip

    def _close(self, version: UnitVersion) -> None:
        self.event.changes["closed"].append(version.pk)
        version.valid_to, version.closed_by = self.on, self.event
        version.save(update_fields=["valid_to", "closed_by"])

    def _end_roles(self, unit: Unit) -> None:
        """Nobody keeps a role on a unit that is gone; the one it went to is granted by decision, not by inheritance."""
        grants = list(
            RoleGrant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=self.on), unit=unit)
            .filter(valid_from__lte=self.on)
            .select_related("person", "unit")
        )
        for grant in grants:
            self.event.changes["roles_ended"].append(
                [grant.pk, grant.valid_to.isoformat() if grant.valid_to else None]
            )
            grant.valid_to = self.on
            grant.save(update_fields=["valid_to"])
        record_events(
            actor=self.actor, action="role.ended", now=self.now,
            targets=[
                (grant, {"role": grant.role, "unit": unit.code, "valid_to": self.on.isoformat()}) for grant in grants
            ],
        )  # fmt: skip

    def relocate(self, postings: QuerySet[Posting], to: Unit | None) -> None:
        """End these postings on the day and, where there is a unit to go to, begin the same ones there."""
        standing = postings.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=self.on)).select_related(
            "person"
        )
        rows = list(standing.order_by("pk"))
        late = [str(row.person) for row in rows if row.valid_from >= self.on]
        if late:
            raise PostedLater(late[:NAMES_SHOWN])
        changes = self.event.changes
        opened = []
        for row in rows:
            changes["postings_closed"].append([row.pk, row.valid_to.isoformat() if row.valid_to else None])
            if to is not None:
                opened.append(
                    Posting(
                        person=row.person, unit=to, position=row.position, category=row.category,
                        rank_code=row.rank_code, rank_name=row.rank_name, is_main=row.is_main,
                        valid_from=self.on, valid_to=row.valid_to,
                    )
                )  # fmt: skip
            self.people.add(row.person_id)
        Posting.objects.filter(pk__in=[row.pk for row in rows]).update(valid_to=self.on)
        opened = Posting.objects.bulk_create(opened, batch_size=1000)
        changes["postings_opened"] += [posting.pk for posting in opened]
        if to is not None:
            self.touched[to.pk] = to
        record_events(
            actor=self.actor, action="posting.ended", now=self.now,
            targets=[(row, {"valid_to": self.on.isoformat(), "event": self.event.pk}) for row in rows],
        )  # fmt: skip
        record_events(
            actor=self.actor, action="posting.created", now=self.now,
            targets=[(posting, {"unit": to.code, "event": self.event.pk}) for posting in opened],
        )  # fmt: skip

    def succeed(self, unit: Unit, heir: Unit, *, is_main: bool) -> None:
        UnitSuccession.objects.create(event=self.event, from_unit=unit, to_unit=heir, is_main=is_main)
        self.touched[heir.pk] = heir

    def children_of(self, unit: Unit) -> list[Unit]:
        return list(Unit.objects.existing().filter(parent=unit).order_by("path"))

    def finish(self) -> UnitEvent:
        event = self.event
        if not self.touched:
            raise NothingChanges
        event.changes["moved"] = people_moved(self.people, actor=self.actor, now=self.now)
        event.save(update_fields=["changes"])
        event.units.set(self.touched)
        grants = RoleGrant.objects.filter(pk__in=[pk for pk, _day in event.changes["roles_ended"]])
        put_into_groups(grants.values_list("person_id", flat=True), on=timezone.localdate(self.now))
        record_event(
            actor=self.actor, action="structure.changed", target=event, now=self.now, kind=event.kind,
            on=self.on.isoformat(), decision=event.decision_number,
            units=sorted(unit.code for unit in self.touched.values()),
        )  # fmt: skip
        return event


def _fresh(unit: Unit) -> Unit:
    """The row as it is kept: an earlier step of the same day may have moved it."""
    return Unit.objects.get(pk=unit.pk)


@transaction.atomic
def found_unit(
    *, new: NewUnit, parent: Unit | None, on: date, decision: Decision, actor, now: datetime
) -> UnitEvent:
    """A new unit."""
    change = _Reorganisation.begin(UnitEvent.Kind.CREATE, on=on, decision=decision, actor=actor, now=now)
    change.found(new, parent)
    return change.finish()


@transaction.atomic
def rename_unit(
    *, unit: Unit, name: str, name_en: str, kind: str, code: str, on: date, decision: Decision, actor, now: datetime
) -> UnitEvent:  # fmt: skip
    """Another name, kind or code from a day on; what it was called before stays on record."""
    change = _Reorganisation.begin(UnitEvent.Kind.RENAME, on=on, decision=decision, actor=actor, now=now)
    change.reshape(_fresh(unit), name=nfc(name), name_en=nfc(name_en), kind=kind, code=nfc(code))
    return change.finish()


@transaction.atomic
def move_unit(
    *, unit: Unit, parent: Unit | None, on: date, decision: Decision, actor, now: datetime
) -> UnitEvent:
    """The unit with all below it goes to another parent."""
    change = _Reorganisation.begin(UnitEvent.Kind.MOVE, on=on, decision=decision, actor=actor, now=now)
    change.reshape(_fresh(unit), parent_id=parent.pk if parent else None)
    return change.finish()


@transaction.atomic
def merge_units(
    *, units: Sequence[Unit], into: Unit | NewUnit, on: date, decision: Decision, actor, now: datetime,
    parent: Unit | None = None,
) -> UnitEvent:  # fmt: skip
    """Units end and another takes over their people, the units below them and their records.

    ``into`` stands already, or is founded below ``parent``.
    """
    change = _Reorganisation.begin(UnitEvent.Kind.MERGE, on=on, decision=decision, actor=actor, now=now)
    if isinstance(into, NewUnit):
        heir = change.found(into, parent)
    else:
        heir = _fresh(into)
        change.require_standing(heir)
    for unit in units:  # in the order given: the first is the origin of a unit founded for them
        if unit.pk == heir.pk:
            raise MovesIntoItself
        change.succeed(unit, heir, is_main=True)
    # What lies deeper first: a unit below another of these goes to the heir by itself, not with the other's children.
    for each in sorted(units, key=lambda unit: unit.path, reverse=True):
        _hand_over(change, _fresh(each), _fresh(heir))
    return change.finish()


def _hand_over(change: _Reorganisation, unit: Unit, heir: Unit) -> None:
    """Children, people and records of a unit go to its heir, and it ends."""
    for child in change.children_of(unit):
        if child.pk != heir.pk:
            change.reshape(child, parent_id=heir.pk)
    change.relocate(Posting.objects.filter(unit=unit), heir)
    change.end(_fresh(unit), _fresh(heir))


@transaction.atomic
def split_unit(
    *, unit: Unit, parts: Sequence[NewUnit], on: date, decision: Decision, actor, now: datetime,
    children: Mapping[str, Iterable[Unit]] | None = None, people: Mapping[str, Iterable[int]] | None = None,
) -> UnitEvent:  # fmt: skip
    """A unit ends and new ones take its place beside each other.

    The first part takes over the records, and the people and units below that ``people`` (ids of people) and
    ``children`` do not give to another part, both by the code of the part.
    """
    change = _Reorganisation.begin(UnitEvent.Kind.SPLIT, on=on, decision=decision, actor=actor, now=now)
    unit = _fresh(unit)
    founded = {new.code: change.found(new, unit.parent) for new in parts}
    first = next(iter(founded.values()))
    for code, units in (children or {}).items():
        for child in units:
            _require_child(child, unit)
            change.reshape(_fresh(child), parent_id=founded[code].pk)
    for code, ids in (people or {}).items():
        if founded[code].pk != first.pk:
            change.relocate(_postings_of(ids, unit, on=on), founded[code])
    for part in founded.values():
        change.succeed(unit, part, is_main=part is first)
    _hand_over(change, unit, first)
    return change.finish()


def _require_child(child: Unit, unit: Unit) -> None:
    if child.parent_id != unit.pk:
        raise NotInThisUnit([str(child)])


def _postings_of(person_ids: Iterable[int], unit: Unit, *, on: date) -> QuerySet[Posting]:
    """The postings of these people in the unit; raises NotInThisUnit where one has none on the day."""
    wanted = set(person_ids)
    rows = Posting.objects.filter(unit=unit, person__in=wanted)
    missing = wanted - set(rows.on(on).values_list("person_id", flat=True))
    if missing:
        names = Posting.person.field.related_model.objects.filter(pk__in=missing).in_name_order()
        raise NotInThisUnit([str(person) for person in names[:NAMES_SHOWN]])
    return rows


@transaction.atomic
def transfer_part(
    *, unit: Unit, to: Unit, on: date, decision: Decision, actor, now: datetime,
    children: Iterable[Unit] = (), people: Iterable[int] = (),
) -> UnitEvent:  # fmt: skip
    """Units below and people of a unit go to another; the unit itself stays, with its records."""
    change = _Reorganisation.begin(UnitEvent.Kind.TRANSFER, on=on, decision=decision, actor=actor, now=now)
    unit, to = _fresh(unit), _fresh(to)
    if unit.pk == to.pk:
        raise MovesIntoItself
    change.require_standing(unit)
    change.require_standing(to)
    for child in children:
        _require_child(child, unit)
        change.reshape(_fresh(child), parent_id=to.pk)
    change.relocate(_postings_of(people, unit, on=on), to)
    if change.touched:
        change.succeed(unit, to, is_main=False)
        change.touched[unit.pk] = unit
    return change.finish()


@transaction.atomic
def dissolve_unit(
    *, unit: Unit, on: date, decision: Decision, actor, now: datetime, people_to: Unit | None = None
) -> UnitEvent:
    """A unit ends without another taking its place. The units below go to its parent, its people where they are sent.

    Without ``people_to`` their postings end. Records are read with the parent's from then on.
    """
    change = _Reorganisation.begin(UnitEvent.Kind.DISSOLVE, on=on, decision=decision, actor=actor, now=now)
    unit = _fresh(unit)
    for child in change.children_of(unit):
        change.reshape(child, parent_id=unit.parent_id)
    if people_to is not None:
        change.require_standing(people_to)
    change.relocate(Posting.objects.filter(unit=unit), people_to)
    change.end(unit, None)
    return change.finish()
