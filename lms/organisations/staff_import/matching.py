"""What each row of a staff list means for the people there are. Nothing is written here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from lms.core.vietnamese import name_sort_key
from lms.organisations.models import Posting, Unit, UnitVersion
from lms.organisations.structure import Structure, homes_on
from lms.users.models import User

from .cells import Birth, PersonName, written
from .columns import COLUMNS
from .reading import Table

CHUNK = 1000
NEW_PERSON = "+"  # the answer that this is nobody who is there already


@dataclass
class StaffRow:
    """A row whose cells could all be read. "" and None are cells left empty: they change nothing."""

    number: int
    cells: Mapping[str, Any]  # as in the file, by column heading
    code: str = ""
    name: PersonName = PersonName("", "")
    birth: Birth | None = None
    gender: str = ""
    unit: str = ""
    position: str = ""
    rank_code: str = ""
    email: str = ""

    @cached_property
    def name_key(self) -> str:
        return name_sort_key(last_name=self.name.last_name, first_name=self.name.first_name)[:400]


@dataclass(frozen=True)
class Refusal:
    """One thing wrong in a row. ``column`` is called as in the file; ``candidates`` are codes to choose from when the
    row is not wrong but asks whether it is a person who is there already."""

    row: int
    column: str
    value: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass
class Change:
    """What a row does to one person; without ``fields`` and ``posting`` nothing."""

    row: StaffRow
    person: User
    is_new: bool
    fields: list[str] = field(default_factory=list)
    posting: Posting | None = None  # to be opened
    ends: Posting | None = None  # to be ended on its first day
    changes_unit: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.is_new or self.fields or self.posting)


class Matcher:
    """Reads a table chunk by chunk and compares it with the people, in five queries a chunk whatever its content.

    ``answers`` are given by row number: ``NEW_PERSON``, or the staff code or e-mail of who it is.
    """

    def __init__(self, table: Table, *, on: date, answers: Mapping[int, str] | None = None) -> None:
        self.table, self.on, self.answers = table, on, dict(answers or {})
        structure = Structure.on(on)
        self.units = structure.units
        self.unit_ids = {unit.code.casefold(): pk for pk, unit in structure.units.items()}
        self.homes = homes_on(on)
        self.former_codes = {
            code.casefold(): pk
            for code, pk in [
                *UnitVersion.objects.values_list("code", "unit_id"),
                *Unit.objects.values_list("code", "pk"),
            ]
        }
        ranked = Posting.objects.exclude(rank_code="").exclude(rank_name="")
        self.rank_names = dict(ranked.order_by("pk").values_list("rank_code", "rank_name").distinct())
        self._widgets = [
            (column, COLUMNS[column].column_name, COLUMNS[column].widget) for column in table.places
        ]
        self._codes: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._people: dict[tuple[str, date], int] = {}
        self._claimed: dict[int, int] = {}  # person → the row that speaks of them

    def chunks(self) -> Iterator[tuple[list[StaffRow], list[Refusal], int]]:
        """Rows that could be read, what was wrong with the others, and the number of the last row."""
        people = self.table.people()
        while some := list(islice(people, CHUNK)):
            rows, refused = [], []
            for number, cells in some:
                row, faults = self._read(number, cells)
                refused += faults
                if row is not None:
                    rows.append(row)
            yield rows, refused, some[-1][0]

    # --- One row alone -------------------------------------------------------------------------------------

    def _read(self, number: int, cells: Mapping[str, Any]) -> tuple[StaffRow | None, list[Refusal]]:
        values, faults = {}, []
        for column, heading, widget in self._widgets:
            try:
                values[column] = widget.clean(cells[heading])
            except ValueError as error:
                faults.append(self._refusal(number, column, cells, str(error)))
                continue
            if column == "unit" and (reason := self._why_no_unit(values["unit"])):
                faults.append(self._refusal(number, column, cells, reason))
        row = None if faults else StaffRow(number, cells, **values)
        if row is not None:
            faults = self._repeats(row)
        return (None, faults) if faults else (row, [])

    def _refusal(
        self,
        number: int,
        column: str,
        cells: Mapping[str, Any],
        reason: str,
        candidates: tuple[str, ...] = (),
    ) -> Refusal:
        value = written(cells.get(COLUMNS[column].column_name))
        return Refusal(number, self.table.heading_of(column), value, reason, candidates)

    def _why_no_unit(self, code: str) -> str:
        if code.casefold() in self.unit_ids:
            return ""
        former = self.former_codes.get(code.casefold())
        if former is None:
            return _("No unit has this code.")
        heir = self.units.get(self.homes.get(former) or 0)
        if heir is None or heir.pk == former:
            return _("This unit did not stand on that day.")
        return _("This unit had ended by that day. Its successor is %(code)s, %(name)s.") % {
            "code": heir.code,
            "name": heir.display_name,
        }

    def _repeats(self, row: StaffRow) -> list[Refusal]:
        """Whether the file names the person in an earlier row."""
        if row.code:
            earlier = self._codes.setdefault(row.code.casefold(), row.number)
            if earlier != row.number:
                reason = _("The same code stands in row %(row)d.") % {"row": earlier}
                return [self._refusal(row.number, "code", row.cells, reason)]
        if row.email:
            earlier = self._emails.setdefault(row.email, row.number)
            if earlier != row.number:
                reason = _("The same e-mail stands in row %(row)d.") % {"row": earlier}
                return [self._refusal(row.number, "email", row.cells, reason)]
        if row.birth and not row.birth.year_only:
            earlier = self._people.setdefault((row.name_key, row.birth.day), row.number)
            if earlier != row.number and self.answers.get(row.number) != NEW_PERSON:
                reason = _("The same name and birth date stand in row %(row)d. Is this another person?")
                return [
                    self._refusal(row.number, "name", row.cells, reason % {"row": earlier}, (NEW_PERSON,))
                ]
        return []

    # --- Rows and people -----------------------------------------------------------------------------------

    def compare(self, rows: Iterable[StaffRow], *, lock: bool) -> tuple[list[Change], list[Refusal]]:
        """What the rows change. ``lock`` keeps the people still until the transaction ends."""
        rows = list(rows)
        people = self._people_named_by(rows, lock=lock)
        by_code = {person.staff_code: person for person in people if person.staff_code}
        by_email = {person.email.lower(): person for person in people}
        namesakes = self._namesakes(rows)
        changes, refused = [], []
        for row in rows:
            person, fault = self._who(row, by_code, by_email, namesakes)
            if fault is None and person is not None:
                fault = self._why_not(row, person)
            if fault is not None:
                refused.append(fault)
            else:
                changes.append(self._change(row, person))
        return self._with_postings(changes, refused)

    def _people_named_by(self, rows: list[StaffRow], *, lock: bool) -> list[User]:
        named = {*(row.code for row in rows), *self._answered(rows)} - {"", NEW_PERSON}
        emails = {*(row.email for row in rows), *(answer.lower() for answer in self._answered(rows))} - {""}
        people = User.objects.alias(small=Lower("email")).filter(
            Q(staff_code__in=named) | Q(small__in=emails)
        )
        return list(people.select_for_update(no_key=True, of=("self",)) if lock else people)

    def _answered(self, rows: list[StaffRow]) -> list[str]:
        return [self.answers[row.number] for row in rows if row.number in self.answers]

    def _namesakes(self, rows: list[StaffRow]) -> dict[tuple[str, date], list[User]]:
        """People of the same name and birth date, by both."""
        known = [row for row in rows if row.birth and not row.birth.year_only]
        days = {row.birth.day for row in known}
        found: dict[tuple[str, date], list[User]] = {}
        same = User.objects.filter(
            name_key__in={row.name_key for row in known}, birth_date__in=days, birth_year_only=False
        )
        for person in same.only("pk", "name_key", "birth_date", "staff_code", "email"):
            found.setdefault((person.name_key, person.birth_date), []).append(person)
        return found

    def _who(
        self,
        row: StaffRow,
        by_code: Mapping[str, User],
        by_email: Mapping[str, User],
        namesakes: Mapping[tuple[str, date], list[User]],
    ) -> tuple[User | None, Refusal | None]:
        """The person of a row, None for a new one; or why the row is refused."""

        def refused(column: str, reason: str, candidates: tuple[str, ...] = ()) -> tuple[None, Refusal]:
            return None, self._refusal(row.number, column, row.cells, reason, candidates)

        answer = self.answers.get(row.number, "")
        coded, mailed = by_code.get(row.code), by_email.get(row.email)
        if answer and answer != NEW_PERSON:
            chosen = by_code.get(answer) or by_email.get(answer.lower())
            if chosen is None:
                return refused("name", _("Nobody has the code %(code)s.") % {"code": answer})
            if (coded or chosen).pk != chosen.pk or (mailed or chosen).pk != chosen.pk:
                return refused("code", _("Code or e-mail of this row belong to somebody else."))
            return chosen, None
        if coded is not None:
            if mailed is not None and mailed.pk != coded.pk:
                return refused(
                    "email", _("This e-mail belongs to %(code)s.") % {"code": mailed.staff_code or mailed}
                )
            return coded, None
        if mailed is not None:
            if row.code and mailed.staff_code and mailed.staff_code != row.code:
                return refused("email", _("This e-mail belongs to %(code)s.") % {"code": mailed.staff_code})
            return mailed, None
        if answer != NEW_PERSON and row.birth and not row.birth.year_only:
            same = namesakes.get((row.name_key, row.birth.day), [])
            if same:
                codes = tuple(person.staff_code or person.email for person in same)
                reason = _(
                    "Somebody of this name and birth date is there already: %(codes)s. Is it the same person?"
                )
                return refused("name", reason % {"codes": ", ".join(codes)}, (*codes, NEW_PERSON))
        if not row.email:
            return refused("email", _("A new account needs the official e-mail."))
        return None, None

    def _why_not(self, row: StaffRow, person: User) -> Refusal | None:
        """Why a row may not change the person it names: another row does already, or they have left."""
        earlier = self._claimed.setdefault(person.pk, row.number)
        if earlier != row.number:
            reason = _("Row %(row)d speaks of the same person already.") % {"row": earlier}
        elif not person.is_active:
            reason = _("This person's account is closed. Open it again first, if they are back.")
        else:
            return None
        return self._refusal(row.number, "name", row.cells, reason)

    def _change(self, row: StaffRow, person: User | None) -> Change:
        is_new = person is None
        person = person or User(email=row.email)
        wanted = {
            "staff_code": row.code or person.staff_code,
            "last_name": row.name.last_name,
            "first_name": row.name.first_name,
            "gender": row.gender or person.gender,
            "email": row.email or person.email,
        }
        if row.birth is not None:
            wanted |= {"birth_date": row.birth.day, "birth_year_only": row.birth.year_only}
        if not is_new and wanted["email"] == person.email.lower():
            wanted["email"] = person.email
        changed = [name for name, value in wanted.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, wanted[name])
        return Change(row, person, is_new, [] if is_new else changed)

    def _with_postings(
        self, changes: list[Change], refused: list[Refusal]
    ) -> tuple[list[Change], list[Refusal]]:
        ids = [change.person.pk for change in changes if not change.is_new]
        standing = {
            posting.person_id: posting
            for posting in Posting.objects.filter(person__in=ids, is_main=True, valid_to__isnull=True)
        }
        kept = []
        for change in changes:
            before = standing.get(change.person.pk) if not change.is_new else None
            unit_id = self.unit_ids[change.row.unit.casefold()]
            after = Posting(
                unit_id=unit_id,
                position=change.row.position or (before.position if before else ""),
                rank_code=change.row.rank_code or (before.rank_code if before else ""),
                category=before.category if before else "",
                valid_from=self.on,
            )
            same_rank = before is not None and before.rank_code == after.rank_code
            after.rank_name = before.rank_name if same_rank else self.rank_names.get(after.rank_code, "")
            if before is None or _differs(before, after):
                if before is not None and before.valid_from > self.on:
                    reason = _("A posting that begins later, on %(day)s, is on record already.")
                    day = before.valid_from.strftime("%d/%m/%Y")
                    refused.append(
                        self._refusal(change.row.number, "unit", change.row.cells, reason % {"day": day})
                    )
                    continue
                change.posting, change.ends = after, before
                change.changes_unit = before is not None and before.unit_id != unit_id
            kept.append(change)
        return kept, refused


def _differs(before: Posting, after: Posting) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in ("unit_id", "position", "rank_code"))
