"""Bring a staff list in from a file."""

from datetime import date
from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.organisations.staff_import.columns import COLUMNS, HEADINGS
from lms.organisations.staff_import.importing import HeaderNotFound, StaffImport, import_staff
from lms.organisations.staff_import.matching import NEW_PERSON
from lms.organisations.staff_import.reading import ENCODINGS, open_table
from lms.organisations.staff_import.report import write_error_file
from lms.organisations.unit_files import UnreadableFile
from lms.users.invitations import invite_people

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import officials and their main postings from xlsx or csv. Recognised headings: "
        + ", ".join(field.column_name for field in COLUMNS.values())
        + ". Rows that are there already change nothing. The last line counts created, changed, unchanged, refused;"
        " the exit status is 1 when a row was refused, 2 when the file cannot be read."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
        parser.add_argument("--errors", type=Path, help="write refused rows to this csv or xlsx file")
        parser.add_argument(
            "--as-at", type=date.fromisoformat, help="first day of new postings (default: today)"
        )
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="load nothing when one row is refused"
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADING=COLUMN",
            help=f"a heading of the file and what it is: {', '.join(COLUMNS)}",
        )
        parser.add_argument(
            "--same-person", action="append", default=[], metavar="ROW=CODE", help="the row is this person"
        )
        parser.add_argument(
            "--new-person",
            action="append",
            default=[],
            type=int,
            metavar="ROW",
            help="the row is a new person",
        )
        parser.add_argument(
            "--encoding", choices=ENCODINGS, default="", help="of a csv, when it is not found out"
        )
        parser.add_argument(
            "--invite", action="store_true", help="send new people the link to set a password"
        )

    def handle(
        self, *, file: Path, errors: Path | None, as_at: date | None, dry_run: bool, **options
    ) -> None:
        if not file.is_file():
            raise CommandError(_("No such file: %(file)s") % {"file": file}, returncode=2)
        now = timezone.now()
        try:
            result = import_staff(
                open_list=partial(
                    open_table, file, encoding=options["encoding"], chosen=_chosen(options["map"])
                ),
                on=as_at or timezone.localdate(now),
                actor=None,
                now=now,
                answers=_answers(options["same_person"], options["new_person"]),
                all_or_nothing=options["all_or_nothing"],
                dry_run=dry_run,
            )
        except (UnreadableFile, HeaderNotFound) as error:
            raise CommandError(str(error), returncode=2) from error
        self._tell(result, errors)
        if options["invite"] and not dry_run:
            invited = invite_people(result.created_ids, actor=None, now=now)
            self.stdout.write(_("Invitations sent: %(count)d") % {"count": invited})
        # For programs too: not translated, and the last line.
        self.stdout.write(", ".join(f"{name} {count}" for name, count in result.counts().items()))
        if result.refused:
            raise CommandError(
                _("Some rows were refused; nothing was loaded.")
                if result.nothing_loaded
                else _("Some rows were refused; the others were taken."),
                returncode=1,
            )

    def _tell(self, result: StaffImport, errors: Path | None) -> None:
        if errors is not None:
            write_error_file(result.refused, errors)
        for refusal in result.refused[:SHOWN]:
            self.stderr.write(
                _("row %(row)s, column %(column)s, %(value)s: %(reason)s")
                % {
                    "row": refusal.row, "column": refusal.column, "value": repr(refusal.value), "reason": refusal.reason,
                }
            )  # fmt: skip
        if len(result.refused) > SHOWN:
            self.stderr.write(
                _("… and %(count)d more; --errors FILE writes all of them.")
                % {"count": len(result.refused) - SHOWN}
            )


def _chosen(pairs: list[str]) -> dict[str, str]:
    chosen = {}
    for pair in pairs:
        heading, _sign, column = pair.rpartition("=")
        column = column.strip() if column.strip() in COLUMNS else HEADINGS.get(column.strip().lower(), "")
        if not heading or not column:
            raise CommandError(
                _("--map takes HEADING=COLUMN with one of: %(columns)s") % {"columns": ", ".join(COLUMNS)},
                returncode=2,
            )
        chosen[heading] = column
    return chosen


def _answers(same: list[str], new: list[int]) -> dict[int, str]:
    answers = dict.fromkeys(new, NEW_PERSON)
    for pair in same:
        row, _sign, code = pair.partition("=")
        if not row.isdigit() or not code:
            raise CommandError(_("--same-person takes ROW=CODE"), returncode=2)
        answers[int(row)] = code
    return answers
