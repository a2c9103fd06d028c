"""Bring a tree of units in from a file."""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.organisations.services.unit_import import import_units
from lms.organisations.unit_files import UnreadableFile, read_units


class Command(BaseCommand):
    help = (
        "Import units from a csv (UTF-8) or xlsx file with the columns code, name, name_en, parent_code, kind. New units are"
        " created, those that differ are renamed or moved, from the day given. Prints a line for each refused row and the"
        " four counts last; ends with an error when a row was refused."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as-at", type=date.fromisoformat, help="day it takes effect, YYYY-MM-DD (default: today)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *, file: Path, as_at: date | None, dry_run: bool, **_options) -> None:
        if not file.is_file():
            raise CommandError(_("No such file: %(file)s") % {"file": file})
        now = timezone.now()
        try:
            reading = read_units(file)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        done = import_units(
            rows=reading.rows, on=as_at or timezone.localdate(now), actor=None, now=now, dry_run=dry_run
        )
        refused = sorted([*reading.refused, *done.refused], key=lambda refusal: refusal.row)
        for refusal in refused:
            self.stderr.write(
                _("row %(row)s, column %(column)s, %(value)s: %(reason)s")
                % {
                    "row": refusal.row, "column": refusal.column, "value": repr(refusal.value), "reason": refusal.reason,
                }
            )  # fmt: skip
        # For programs too: not translated.
        self.stdout.write(
            f"created {done.created}, changed {done.changed}, unchanged {done.unchanged}, refused {len(refused)}"
        )
        if refused:
            raise CommandError(_("Some rows were refused; the others were taken."), returncode=1)
