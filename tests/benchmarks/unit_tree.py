"""The tree of units of a day, and its page, against reading the same rows bare; ``size`` 20 is 6,000 units."""

import random
from datetime import date

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from lms.organisations.models import UnitVersion
from lms.organisations.structure import Structure
from lms.users.models import User

from .harness import Measured, compare, peak_mb
from .population import make_units

FULL_UNITS = 6_000
TODAY = date(2026, 6, 30)


def unit_tree(*, size: float, rounds: int) -> list[Measured]:
    units = make_units(max(10, int(FULL_UNITS * size / 20)), random.Random(31_05_2019))
    UnitVersion.objects.bulk_create(
        [
            UnitVersion(
                unit=unit,
                code=unit.code,
                name=unit.name,
                kind=unit.kind,
                parent=unit.parent,
                valid_from=date(2010, 1, 1),
            )
            for unit in units
        ],
        batch_size=1000,
    )
    client = Client()
    client.force_login(
        User.objects.create_superuser("bench@units.example", "!", first_name="B", last_name="B"),
        backend=settings.AUTHENTICATION_BACKENDS[0],
    )

    def get(name: str) -> None:
        assert client.get(reverse(name)).status_code == 200

    before = peak_mb()
    Structure.on(TODAY)
    note = f"{len(units)} units; the process grew by {peak_mb() - before} MB to {peak_mb()} MB"
    return [
        compare(
            name="tree of units on a day",
            floor="the same rows, bare",
            floor_run=bare_rows,
            ours_run=lambda: Structure.on(TODAY),
            gate=12.0,
            rounds=min(rounds, 20),
            note=note,
        ),
        compare(
            name="page of the tree",
            floor="front page of the CMS admin",
            floor_run=lambda: get("wagtailadmin_home"),
            ours_run=lambda: get("units:index"),
            gate=2.0,
            rounds=min(rounds, 20),
        ),
    ]


def bare_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_id, parent_id, code, name, name_en, kind FROM organisations_unitversion"
            " WHERE valid_from <= %s AND (valid_to IS NULL OR valid_to > %s) ORDER BY unit_id",
            [TODAY, TODAY],
        )
        cursor.fetchall()
