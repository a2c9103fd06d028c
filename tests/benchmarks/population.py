"""A ministry by numbers: units, officials, enrolments and certificates made from a seed, written in bulk."""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Page

from certificates.models import Certificate, CertificateKind
from courses.models import CoursePage, Enrolment, Run
from lms.core.bulk import insert_rows
from lms.organisations.models import Posting, Unit
from lms.users.models import User

FULL_UNITS, FULL_PEOPLE, FULL_ENROLMENTS = 5_000, 200_000, 1_000_000
AS_AT = date(2026, 6, 30)
# About as long as what a certificate says, which the database reads past.
WORDS = {
    "unit": "Vụ Tổ chức cán bộ",
    "programme": "Bồi dưỡng ứng dụng công nghệ thông tin",
    "words": "-" * 500,
}
_STATES = [
    (Enrolment.State.COMPLETED, 62),
    (Enrolment.State.IN_PROGRESS, 20),
    (Enrolment.State.ENROLLED, 8),
    (Enrolment.State.WITHDRAWN, 6),
    (Enrolment.State.FAILED, 4),
]


def make_population(*, size: float, seed: int = 31_05_2019) -> SimpleNamespace:
    """``size`` 20 is the whole data set of the load gates, 1 five per cent of it.

    Gives the units, the ids of the people, and the runs.
    """
    chance = random.Random(seed)
    share = size / 20
    with transaction.atomic():
        units = make_units(max(10, int(FULL_UNITS * share)), chance)
        people = make_people(max(50, int(FULL_PEOPLE * share)), units, chance)
        runs = make_runs(20)
        make_enrolments(int(FULL_ENROLMENTS * share), people, units, runs, chance)
        make_certificates(runs)
    return SimpleNamespace(units=units, people=people, runs=runs)


@cache
def stored(moment: datetime | None) -> Any:
    """A moment as this database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def make_units(count: int, chance: random.Random) -> list[Unit]:
    """A tree of four levels: one root, then children spread at random over the units above the lowest level."""
    root = Unit.objects.create(code="BENCH", name="Bộ", kind="bo", path="0001")
    units, open_parents, children = [root], [root], {root.pk: 0}
    next_id = root.pk + 1
    for index in range(count - 1):
        parent = chance.choice(open_parents[:400])
        children[parent.pk] += 1
        unit = Unit(
            pk=next_id + index,
            code=f"BENCH{index}",
            name=f"Đơn vị {index}",
            kind="vu",
            parent=parent,
            path=f"{parent.path}{children[parent.pk]:04d}",
        )
        children[unit.pk] = 0
        units.append(unit)
        if unit.depth < 3:
            open_parents.append(unit)
    Unit.objects.bulk_create(units[1:], batch_size=2000)
    return units


def make_people(count: int, units: list[Unit], chance: random.Random) -> list[int]:
    def rows() -> Iterable[tuple[str, ...]]:
        for index in range(count):
            key = f"{index:07d}"
            yield f"b{index}@bench.example", "Nguyễn Văn", f"A{index}", "!", key, key

    insert_rows(
        User,
        ["email", "last_name", "first_name", "password", "name_key", "search_text"],
        rows(),
        prepared=True,
    )
    people = list(User.objects.filter(password="!").order_by("pk").values_list("pk", flat=True))
    insert_rows(
        Posting,
        ["person_id", "unit_id", "valid_from"],
        ((person, chance.choice(units).pk, date(2020, 1, 1)) for person in people),
        prepared=True,
    )
    return people


def make_runs(count: int) -> list[Run]:
    parent = Page.objects.get(depth=1)
    course = CoursePage(title="Bench", slug="bench", code="BENCH", periods=8, locale=parent.locale)
    parent.add_child(instance=course)
    return [
        Run.objects.create(
            course=course,
            code=f"BENCH-{index}",
            title=f"Lớp {index}",
            state=Run.State.OPEN,
            opens_on=date(2026, 1, 1),
            closes_on=date(2026, 12, 31),
            due_on=date(2026, 3 + index % 9, 28),
        )
        for index in range(count)
    ]


def make_enrolments(
    count: int, people: list[int], units: list[Unit], runs: list[Run], chance: random.Random
) -> None:
    """Every person in as many runs as it takes, in the unit of the posting, now and then in another one."""
    unit_of = dict(Posting.objects.values_list("person_id", "unit_id"))
    states, weights = zip(*_STATES, strict=True)
    start = timezone.make_aware(datetime(2026, 1, 5))

    def rows() -> Iterable[tuple[Any, ...]]:
        for index in range(count):
            person = people[index % len(people)]
            run = runs[(index // len(people)) % len(runs)]
            state = chance.choices(states, weights)[0]
            enrolled = start + timedelta(days=chance.randrange(150))
            later = enrolled + timedelta(days=chance.randrange(5, 60))
            yield (
                run.pk,
                person,
                chance.choice(units).pk if chance.random() < 0.02 else unit_of[person],
                state.value,
                run.due_on,
                stored(enrolled),
                stored(None if state == Enrolment.State.ENROLLED else enrolled + timedelta(days=1)),
                stored(later if state == Enrolment.State.COMPLETED else None),
                stored(later if state in Enrolment.ENDED_STATES else None),
            )

    insert_rows(
        Enrolment,
        [
            "run_id",
            "learner_id",
            "unit_id",
            "state",
            "due_on",
            "enrolled_at",
            "started_at",
            "completed_at",
            "ended_at",
        ],
        rows(),
        prepared=True,
    )


def make_certificates(runs: list[Run]) -> None:
    """One for everybody who has completed one of every second run."""
    completed = Enrolment.objects.filter(state=Enrolment.State.COMPLETED, run__in=runs[::2]).order_by("pk")
    fields = Certificate._meta.get_field("fields").get_db_prep_save(WORDS, connection)

    found = list(completed.values_list("pk", "run_id", "completed_at"))

    def rows() -> Iterable[tuple[Any, ...]]:
        for number, (enrolment, run, completed_at) in enumerate(found, start=1):
            issued_at = completed_at + timedelta(days=14)
            yield (
                enrolment,
                run,
                CertificateKind.CERTIFICATE.value,
                AS_AT.year,
                number,
                f"{number:07d}/{AS_AT.year}/CC-BENCH",
                f"bench-{number}",
                fields,
                1,
                stored(issued_at),
                issued_at.date(),
            )

    insert_rows(
        Certificate,
        [
            "enrolment_id",
            "run_id",
            "kind",
            "year",
            "number",
            "number_text",
            "token",
            "fields",
            "template_version",
            "issued_at",
            "issued_on",
        ],
        rows(),
        prepared=True,
    )
