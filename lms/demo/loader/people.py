"""Units and people from csv, through the same services the platform uses."""

import csv
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lms.organisations.models import Role, Unit
from lms.organisations.services import create_unit, grant_role, post_official
from lms.users.models import User
from lms.users.services import create_person

# The demo world's one password, printed by `manage.py demo_accounts`; it exists in no other installation.
DEMO_PASSWORD = "hoc-de-phuc-vu"  # noqa: S105
STRUCTURE_SINCE = date(2017, 4, 1)
MINISTRY = "MOLISA"
POSTED_SINCE = date(2018, 1, 2)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


@transaction.atomic
def load_units(path: Path, *, now: datetime) -> dict[str, Unit]:
    """All units, parents before children as the file has them; gives them by code."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    for row in rows_of(path):
        if row["code"] not in units:
            units[row["code"]] = create_unit(
                code=row["code"],
                name=row["name_vi"],
                name_en=row["name_en"],
                kind=row["kind"],
                parent=units[row["parent_code"]] if row["parent_code"] else None,
                valid_from=STRUCTURE_SINCE,
                actor=None,
                now=now,
            )
    return units


def birth_of(text: str) -> tuple[date, bool]:
    """(birth date, only the year is known) from "1984-02-05" or "1984"."""
    return (date(int(text), 1, 1), True) if len(text) == 4 else (date.fromisoformat(text), False)


@transaction.atomic
def load_people(path: Path, *, units: dict[str, Unit], now: datetime) -> dict[str, User]:
    """People with their posting and their roles; gives them by staff code.

    A role other than coordinator is held on the ministry of 2019 as a whole.
    """
    people = {person.staff_code: person for person in User.objects.exclude(staff_code="")}
    password_hash = make_password(DEMO_PASSWORD)  # once: hashing is made to be slow
    ministry = units[MINISTRY]
    for row in rows_of(path):
        if row["staff_code"] in people:
            continue
        birth_date, year_only = birth_of(row["birth_date"])
        person = create_person(
            email=row["email"],
            last_name=row["last_name"],
            first_name=row["first_name"],
            staff_code=row["staff_code"],
            gender=row["gender"],
            birth_date=birth_date,
            birth_year_only=year_only,
            password_hash=password_hash,
            actor=None,
            now=now,
        )
        unit = units[row["unit_code"]]
        post_official(
            person=person,
            unit=unit,
            position=row["position"],
            category=row["category"],
            rank_code=row["rank_code"],
            rank_name=row["rank_name"],
            valid_from=POSTED_SINCE,
            actor=None,
            now=now,
        )
        for role in filter(None, row["roles"].split(";")):
            grant_role(
                person=person,
                role=role,
                unit=unit if role == Role.COORDINATOR else ministry,
                valid_from=POSTED_SINCE,
                actor=None,
                now=now,
            )
        people[row["staff_code"]] = person
    return people
