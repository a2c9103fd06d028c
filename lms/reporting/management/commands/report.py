"""The figures of the report page on the command line."""

import json
import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from courses.models import Run
from lms.organisations.access import Access
from lms.organisations.models import Role
from lms.reporting.exports import completion_csv, completion_workbook
from lms.reporting.queries import FIGURES, CompletionReport, Scope, UnitRow, completion_by_unit, structure_of

# Whoever may run commands on the server reads everything.
OPERATOR = Access(grants=((Role.SCHOOL_ADMINISTRATOR, ""),))


class Command(BaseCommand):
    help = "Prints completion by unit, as at a day, with the same figures as the page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["completion"])
        parser.add_argument("--as-at", type=date.fromisoformat, help="day, YYYY-MM-DD (default: today)")
        parser.add_argument(
            "--structure",
            type=date.fromisoformat,
            help="day whose structure the results are regrouped under (default: each unit as it stood)",
        )
        parser.add_argument("--run", help="code of one run (default: all runs)")
        parser.add_argument(
            "--level",
            type=int,
            help="units of this level, 0 the top, and what is counted above it in rows of its own (default: all levels)",
        )
        parser.add_argument("--format", choices=["json", "csv", "xlsx"], default="json")

    def handle(
        self,
        *,
        as_at: date | None,
        structure: date | None,
        run: str | None,
        level: int | None,
        format: str,
        **_options,
    ) -> None:
        scope = Scope()
        if run:
            found = Run.objects.filter(code=run).first()
            if found is None:
                raise CommandError(f"no run with code {run}")
            scope = Scope(run_id=found.pk)
        as_at = as_at or timezone.localdate()
        structure = structure or structure_of(as_at)
        report = completion_by_unit(scope=scope, as_at=as_at, access=OPERATOR, structure_day=structure)
        rows = report.rows if level is None else report.at_level(level)
        if format == "json":
            self.stdout.write(
                json.dumps(as_json(report, rows, level, structure or as_at), ensure_ascii=False, indent=1)
            )
        else:
            content = (
                completion_csv(rows)
                if format == "csv"
                else completion_workbook(report, rows, subject=run or "")
            )
            sys.stdout.buffer.write(content)


def as_json(
    report: CompletionReport, rows: list[UnitRow], level: int | None, structure: date
) -> dict[str, Any]:
    """{"as_at", "structure", "level", "rows": [{"code", "unit", …figures}]}."""
    return {
        "as_at": report.as_at.isoformat(),
        "structure": structure.isoformat(),
        "level": level,
        "rows": [
            {
                "code": row.unit.code,
                "unit": row.unit.name,
                **{figure: getattr(row, figure) for figure in FIGURES},
            }
            for row in rows
        ],
    }
