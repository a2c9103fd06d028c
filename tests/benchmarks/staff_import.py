"""A staff list against a plain bulk upsert of the same rows; ``size`` 20 is 100,000 of them."""

import tempfile
from datetime import date
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from openpyxl import Workbook

from lms.organisations.models import Posting, Unit, UnitVersion
from lms.organisations.staff_import.columns import COLUMNS
from lms.organisations.staff_import.importing import import_staff
from lms.organisations.staff_import.reading import open_table
from lms.users.models import User

from .harness import Measured, compare, peak_mb

FULL_ROWS = 100_000
SINCE = date(2024, 1, 1)
BATCH = 1000


def staff_import(*, size: float, rounds: int) -> list[Measured]:
    count = max(20, int(FULL_ROWS * size / 20))
    units = make_units(40)
    rows = [row_of(index, units) for index in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        file = write_list(Path(folder) / "staff.xlsx", rows)
        load = partial(
            import_staff, open_list=partial(open_table, file), on=SINCE, actor=None, now=timezone.now()
        )
        before = peak_mb()
        nobody_is_there()
        load()
        note = f"{count} rows; the process grew by {peak_mb() - before} MB to {peak_mb()} MB"
        floor = partial(upsert, rows, {unit.code: unit.pk for unit in units})
        common = {
            "floor": "plain bulk upsert",
            "floor_run": floor,
            "before_floor": nobody_is_there,
            "gate": 2.0,
            "rounds": min(rounds, 3),
            "warm_up": 0,
        }
        return [
            compare(
                name="staff import, all new", ours_run=load, before_ours=nobody_is_there, note=note, **common
            ),
            compare(name="staff import, nothing changed", ours_run=load, before_ours=load, **common),
        ]


def make_units(count: int) -> list[Unit]:
    units = Unit.objects.bulk_create(
        [
            Unit(code=f"BENCH{index}", name=f"Đơn vị {index}", kind="vu", path=f"{index:04d}")
            for index in range(1, count + 1)
        ]
    )
    UnitVersion.objects.bulk_create(
        [
            UnitVersion(
                unit=unit, code=unit.code, name=unit.name, kind=unit.kind, valid_from=date(2010, 1, 1)
            )
            for unit in units
        ]
    )
    return units


def row_of(index: int, units: list[Unit]) -> dict[str, str]:
    return {
        "code": f"S{index:06}",
        "name": f"Nguyễn Thị {'Hương Ánh Ước Đào Ngọc'.split()[index % 5]}",
        "birth": f"{index % 28 + 1:02}/{index % 12 + 1:02}/{1965 + index % 40}",
        "gender": ("Nam", "Nữ")[index % 2],
        "unit": units[index % len(units)].code,
        "position": "Chuyên viên",
        "rank_code": "01.003",
        "email": f"s{index}@bench.example",
    }


def write_list(path: Path, rows: list[dict[str, str]]) -> Path:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.append([field.column_name for field in COLUMNS.values()])
    for row in rows:
        # Every name stands with its number, or all would be asked about as namesakes.
        sheet.append([row["code"], row["name"], str(row["birth"][-4:]), *list(row.values())[3:]])
    workbook.save(path)
    return path


def nobody_is_there() -> None:
    """Without the triggers and signals of deleting people, who are never deleted."""
    with connection.cursor() as cursor:
        for model in (Posting, User):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


def upsert(rows: list[dict[str, str]], unit_ids: dict[str, int]) -> None:
    """Accounts and postings, in the same batches; nothing is read, checked, compared or audited."""
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        with transaction.atomic():
            people = [
                User(
                    email=row["email"],
                    staff_code=row["code"],
                    last_name=row["name"].rpartition(" ")[0],
                    first_name=row["name"].rpartition(" ")[2],
                    gender="nu",
                    birth_date=date(int(row["birth"][-4:]), 1, 1),
                    birth_year_only=True,
                    password="!",
                    name_key=row["code"],
                    search_text=row["name"],
                )
                for row in some
            ]
            people = User.objects.bulk_create(
                people,
                update_conflicts=True,
                unique_fields=["email"],
                update_fields=["staff_code", "last_name", "first_name", "gender", "birth_date"],
            )
            Posting.objects.bulk_create(
                [
                    Posting(
                        person=person,
                        unit_id=unit_ids[row["unit"]],
                        position=row["position"],
                        rank_code=row["rank_code"],
                        valid_from=SINCE,
                    )
                    for person, row in zip(people, some, strict=True)
                ]
            )
