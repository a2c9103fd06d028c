"""Obligations in random ministries: matrix, lists, and one person after another say the same."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.models import (
    Enrolment,
    Exemption,
    ExternalTraining,
    Recognition,
    Requirement,
    RequirementMember,
    RequirementUnit,
)
from courses.obligation_rules import STATES
from lms.organisations.access import Access
from lms.organisations.models import Posting, Role, Unit
from lms.reporting.matrix import TOTAL, Question, obligation_matrix, obligations_behind
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

TODAY = timezone.localdate()
ALL = Access(grants=((Role.MINISTRY_READER, ""),))
PEOPLE, UNITS, COURSES = 5, 5, 2


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 9))


# Days on a coarse grid: terms end, people come and go on the very day that is asked about.
STEP = 15
days = st.integers(-40, 0).map(lambda steps: TODAY + timedelta(days=STEP * steps))
near = st.integers(-30, 12).map(lambda steps: TODAY + timedelta(days=STEP * steps))


@st.composite
def careers(draw) -> list[tuple[date, date | None, int, str]]:
    """Postings of one person, one after another, sometimes with a gap: (from, to, unit, category)."""
    begun = sorted(draw(st.sets(days, min_size=1, max_size=4)))
    postings = []
    for place, start in enumerate(begun):
        following = begun[place + 1] if place + 1 < len(begun) else None
        end = following
        if draw(st.integers(0, 3)) == 0:
            end = start + timedelta(days=STEP * draw(st.integers(1, 4)))
            if following is not None and end > following:
                end = following
        unit = draw(st.integers(0, UNITS - 1))
        postings.append((start, end, unit, draw(st.sampled_from(["cong_chuc", "vien_chuc"]))))
    return postings


@st.composite
def requirements(draw) -> dict:
    starts = draw(near)
    by_day = draw(st.booleans())
    length = STEP * draw(st.integers(1, 12))
    return {
        "course": draw(st.integers(0, COURSES - 1)),
        "audience": draw(st.sampled_from(["rule", "rule", "rule", "list"])),
        "units": draw(st.sets(st.integers(0, UNITS - 1), max_size=2)),
        "members": draw(st.sets(st.integers(0, PEOPLE - 1), max_size=3)),
        "fields": {
            "categories": draw(st.sampled_from([[], ["cong_chuc"]])),
            "recurrence": draw(st.sampled_from(["once", "yearly"])),
            "starts_on": starts,
            "ends_on": draw(st.none() | st.just(starts + timedelta(days=400))),
            "due_on": starts + timedelta(days=length) if by_day else None,
            "within_days": None if by_day else length,
            "newcomer_days": STEP * draw(st.integers(1, 8)),
        },
    }


@st.composite
def worlds(draw) -> dict:
    person = st.integers(0, PEOPLE - 1)
    return {
        "parents": [None, *(draw(st.integers(0, unit - 1)) for unit in range(1, UNITS))],
        "careers": [draw(careers()) for _person in range(PEOPLE)],
        "requirements": draw(st.lists(requirements(), min_size=1, max_size=3)),
        "completions": draw(
            st.dictionaries(st.tuples(person, st.integers(0, COURSES - 1)), days, max_size=5)
        ),
        "exemptions": draw(
            st.dictionaries(
                st.tuples(person, st.integers(0, 2)),
                st.tuples(days, st.none() | st.integers(0, 20).map(lambda steps: STEP * steps)),
                max_size=3,
            )
        ),
        "recognised": draw(
            st.dictionaries(
                st.tuples(person, st.integers(0, 2)), st.tuples(days, st.integers(0, 60)), max_size=3
            )
        ),
        "asked": draw(st.just(TODAY) | near),
    }


class World:
    """A drawn ministry in the database, and the naive answer: person by person, day by day, no sets."""

    def __init__(self, drawn: dict):
        self.drawn = drawn
        self.units: list[Unit] = []
        for number, parent in enumerate(drawn["parents"]):
            self.units.append(
                make_unit(f"Đơn vị {number}", parent=None if parent is None else self.units[parent])
            )
        self.people = [make_person() for _career in drawn["careers"]]
        for person, career in zip(self.people, drawn["careers"], strict=True):
            for start, end, unit, category in career:
                Posting.objects.create(
                    person=person, unit=self.units[unit], category=category, valid_from=start, valid_to=end
                )
                # A secondary posting elsewhere makes nobody count twice.
                Posting.objects.create(
                    person=person,
                    unit=self.units[(unit + 1) % UNITS],
                    category=category,
                    is_main=False,
                    valid_from=start,
                    valid_to=end,
                )
        runs = [make_run(course=make_course(modules=1, lessons=1)) for _course in range(COURSES)]
        for (person, course), day in drawn["completions"].items():
            make_enrolment(
                run=runs[course],
                learner=self.people[person],
                state=Enrolment.State.COMPLETED,
                now=moment(day),
                unit=self.units[0],
            )
        self.requirements = [
            self._require(number, about, runs) for number, about in enumerate(drawn["requirements"])
        ]
        for (person, number), (start, length) in drawn["exemptions"].items():
            if number < len(self.requirements):
                Exemption.objects.create(
                    requirement=self.requirements[number],
                    person=self.people[person],
                    valid_from=start,
                    valid_to=None if length is None else start + timedelta(days=length),
                    reason="Nghỉ thai sản",
                    granted_by=self.people[0],
                    granted_at=moment(start),
                )
        for (person, number), (taken, waited) in drawn["recognised"].items():
            if number < len(self.requirements):
                self._recognise(person, number, taken, taken + timedelta(days=waited))

    def _require(self, number: int, about: dict, runs: list) -> Requirement:
        requirement = Requirement.objects.create(
            code=f"YC{number}",
            title=f"Yêu cầu {number}",
            course=runs[about["course"]].course,
            audience=about["audience"],
            decision_number="1/QĐ",
            decision_date=about["fields"]["starts_on"],
            created_by=self.people[0],
            created_at=timezone.now(),
            **about["fields"],
        )
        for unit in about["units"]:
            RequirementUnit.objects.create(requirement=requirement, unit=self.units[unit])
        for person in about["members"]:
            RequirementMember.objects.create(requirement=requirement, person=self.people[person])
        return requirement

    def _recognise(self, person: int, number: int, taken: date, on: date) -> None:
        training = ExternalTraining.objects.create(
            person=self.people[person],
            unit=self.units[0],
            title=f"Lớp ngoài {number}",
            organiser="Trường khác",
            started_on=taken,
            finished_on=taken,
            periods=8,
            state=ExternalTraining.State.APPROVED,
            entered_by=self.people[0],
            entered_at=moment(taken),
            decided_at=moment(on),
        )
        Recognition.objects.create(
            requirement=self.requirements[number],
            training=training,
            reason="Cùng nội dung",
            recognised_by=self.people[0],
            recognised_at=moment(on),
        )

    def below(self, top: int) -> set[int]:
        found = {top}
        while more := {
            unit for unit, parent in enumerate(self.drawn["parents"]) if parent in found and unit not in found
        }:
            found |= more
        return found

    def belongs(self, person: int, number: int, day: date) -> int | None:
        """The unit in which the person belongs to the audience on the day."""
        about = self.drawn["requirements"][number]
        for start, end, unit, category in self.drawn["careers"][person]:
            if start <= day and (end is None or day < end):
                if about["audience"] == "list":
                    return unit if person in about["members"] else None
                if about["units"] and not any(unit in self.below(top) for top in about["units"]):
                    return None
                if about["fields"]["categories"] and category not in about["fields"]["categories"]:
                    return None
                return unit
        return None

    def naive(self, person: int, number: int, day: date) -> tuple[int, str] | None:
        """(unit, state) of one person under one requirement, None where there is no obligation."""
        term, about = self.requirements[number].term, self.drawn["requirements"][number]
        unit = self.belongs(person, number, day)
        if unit is None or not term.holds_on(day):
            return None
        joined = day
        while self.belongs(person, number, joined - timedelta(days=1)) is not None:
            joined -= timedelta(days=1)
        period = term.period_of(day)
        completed = self.drawn["completions"].get((person, about["course"]))
        done = completed is not None and completed <= day and period.counts(completed)
        if (person, number) in self.drawn["recognised"]:
            taken, waited = self.drawn["recognised"][person, number]
            done |= taken + timedelta(days=waited) <= day and period.counts(taken)
        exempt = False
        if (person, number) in self.drawn["exemptions"]:
            start, length = self.drawn["exemptions"][person, number]
            exempt = start <= day and (length is None or day < start + timedelta(days=length))
        return unit, period.state_on(day, joined_on=joined, done=done, exempt=exempt)


class ObligationFigures(TestCase):
    @settings(deadline=None, max_examples=60)
    @given(worlds())
    def test_matrix_lists_and_persons_agree_with_looking_at_one_after_another(self, drawn):
        world, day = World(drawn), drawn["asked"]
        question = Question(as_at=day, structure_day=day if day < TODAY else None)
        matrix = obligation_matrix(question=question, access=ALL)
        naive = {
            (person, number): found
            for person in range(PEOPLE)
            for number in range(len(world.requirements))
            if (found := world.naive(person, number, day)) is not None
        }
        number_of = {requirement.pk: n for n, requirement in enumerate(world.requirements)}
        unit_of = {unit.pk: n for n, unit in enumerate(world.units)}
        for row in matrix.rows:
            if row.unit.pk not in unit_of:
                assert row.persons == row.whole.total == 0
                continue
            below = world.below(unit_of[row.unit.pk])
            here = {key: state for key, (unit, state) in naive.items() if unit in below}
            assert row.persons == len({person for person, _number in here})
            for requirement, cell in zip(matrix.requirements, row.cells, strict=True):
                states = [s for (_p, n), s in here.items() if n == number_of[requirement.pk]]
                for state in STATES:
                    assert getattr(cell, state) == states.count(state), (row.unit, requirement, state)
                assert cell.total == len(states)
            for state in STATES:
                assert getattr(row.whole, state) == list(here.values()).count(state)
        for figure in [*STATES, TOTAL]:
            behind = list(obligations_behind(question=question, access=ALL, unit=None, figure=figure))
            assert len(behind) == getattr(matrix.total.whole, figure)
            people = {person.pk: n for n, person in enumerate(world.people)}
            for row in behind:
                key = people[row["person"]], number_of[row["requirement"]]
                assert naive[key][1] == row["obligation"]
