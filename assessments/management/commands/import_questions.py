"""``manage.py import_questions FILE --category PATH``: questions of another system into a bank, one line for each."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.models import QuestionCategory
from assessments.question_files import FORMATS, FileFault, read_questions
from assessments.services.question_import import ImportedLine, count_outcomes, import_questions
from lms.core.vietnamese import nfc

SHOWN = 70


class Command(BaseCommand):
    help = _(
        "Take questions over from GIFT, Moodle XML, QTI, Aiken or xlsx into a bank; each is told by its line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--category", required=True, metavar="PATH", help="code of the bank, or its path")
        parser.add_argument(
            "--format", choices=sorted(FORMATS), default="", help="found out when it is not said"
        )
        parser.add_argument("--ready", action="store_true", help="ready for use at once, not drafts")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *, file: Path, category: str, ready: bool, dry_run: bool, **options: Any) -> None:
        bank = QuestionCategory.objects.at(nfc(category))
        if bank is None:
            raise CommandError(gettext("There is no bank with the code %(code)s.") % {"code": category})
        try:
            name, questions = read_questions(file.read_bytes(), options["format"])
        except OSError as fault:
            raise CommandError(f"{file}: {fault.strerror}") from fault
        except FileFault as fault:
            place = f"{file}:{fault.line}" if fault.line else str(file)
            raise CommandError(f"{place}: {fault.message}") from fault
        lines = import_questions(
            questions,
            category=bank,
            actor=None,
            now=timezone.now(),
            file_format=name,
            ready=ready,
            dry_run=dry_run,
        )
        counts = count_outcomes(lines)
        if options["json"]:
            self.stdout.write(as_json(lines, counts, file_format=name, dry_run=dry_run))
            return
        for line in lines:
            self.stdout.write(as_text(line))
        self.stdout.write(
            gettext("%(created)d created, %(changed)d changed, %(unchanged)d unchanged, %(refused)d refused")
            % counts
        )


def as_text(line: ImportedLine) -> str:
    words = " ".join(line.stem.split())[:SHOWN]
    more = str(line.reason)
    if line.twin:
        more = gettext("same question as %(code)s") % {"code": line.twin}
    place = f"{line.file}:{line.line}" if line.file else f"{line.line}"
    return " · ".join(filter(None, [place, line.outcome.value, line.code, words, more]))


def as_json(lines: list[ImportedLine], counts: dict[str, int], **more: Any) -> str:
    rows = [
        {
            "file": line.file,
            "line": line.line,
            "outcome": line.outcome.value,
            "code": line.code,
            "stem": line.stem,
            "reason": str(line.reason),
            "category": line.category,
            "same_as": line.twin,
        }
        for line in lines
    ]
    return json.dumps({"questions": rows, "counts": counts} | more, ensure_ascii=False, indent=1)
