"""Who takes part and what they know: read from ``fixtures/``, as the school's own lists."""

from dataclasses import dataclass, field
from pathlib import Path

from lms.core.vietnamese import nfc

from ..loader.people import rows_of
from ..loader.programme import read_modules


@dataclass(frozen=True)
class Person:
    staff_code: str
    name: str
    email: str
    unit: str


@dataclass
class Cast:
    """The school's people, and the coordinators with the learners of their units."""

    administrator: Person
    leader: Person
    reader: Person
    trainers: list[Person]
    units: list[tuple[Person, list[Person]]] = field(default_factory=list)

    @property
    def learners(self) -> list[Person]:
        return [learner for _coordinator, learners in self.units for learner in learners]


def read_cast(fixtures: Path, *, learners: int | None = None) -> Cast:
    """``learners`` takes the first so many, one of each unit before the second of any; all without it."""
    parents = {row["code"]: row["parent_code"] for row in rows_of(fixtures / "units" / "units.csv")}
    by_role: dict[str, list[Person]] = {}
    for row in rows_of(fixtures / "people" / "people.csv"):
        person = Person(
            staff_code=row["staff_code"],
            name=f"{row['last_name']} {row['first_name']}",
            email=row["email"],
            unit=row["unit_code"],
        )
        for role in row["roles"].split(";"):
            by_role.setdefault(role, []).append(person)
    coordinators = {person.unit: person for person in by_role["coordinator"]}

    def coordinator_of(unit: str) -> Person:
        while unit not in coordinators:
            unit = parents[unit]
        return coordinators[unit]

    sent: dict[str, list[Person]] = {unit: [] for unit in coordinators}
    for person in by_role[""]:
        sent[coordinator_of(person.unit).unit].append(person)
    chosen = _first(list(sent.values()), learners) if learners else by_role[""]
    cast = Cast(
        administrator=by_role["school_administrator"][0],
        leader=by_role["school_leader"][0],
        reader=by_role["ministry_reader"][0],
        trainers=by_role["trainer"],
    )
    for unit, people in sent.items():
        taken = [person for person in people if person in chosen]
        if taken:
            cast.units.append((coordinators[unit], taken))
    return cast


def _first(groups: list[list[Person]], count: int) -> list[Person]:
    turns = max(map(len, groups))
    in_turn = [group[turn] for turn in range(turns) for group in groups if turn < len(group)]
    return in_turn[:count]


class Knowledge:
    """What the lessons teach: for each question, by its words, which choices are right, by theirs."""

    def __init__(self, fixtures: Path):
        self.right: dict[str, set[str]] = {}
        for module in read_modules(fixtures / "programme").values():
            for question in module.questions["questions"]:
                self.right[nfc(question["stem"])] = {
                    nfc(choice["text"]) for choice in question["choices"] if choice.get("correct")
                }

    def right_choices(self, stem: str) -> set[str]:
        """Raises LookupError for a question that is not in the fixtures."""
        return self.right[nfc(stem)]
