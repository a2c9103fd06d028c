"""Write the tree of units to a file the import reads."""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from lms.organisations.structure import Structure
from lms.organisations.unit_files import tree_csv, tree_workbook


class Command(BaseCommand):
    help = "Export the units of a day as csv or xlsx, by the ending of the file's name."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as-at", type=date.fromisoformat, help="day of the structure, YYYY-MM-DD (default: today)"
        )

    def handle(self, *, file: Path, as_at: date | None, **_options) -> None:
        structure = Structure.on(as_at or timezone.localdate())
        file.write_bytes(tree_workbook(structure) if file.suffix.lower() == ".xlsx" else tree_csv(structure))
        self.stdout.write(f"{file}: {len(structure.units)}")
