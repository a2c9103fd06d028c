"""``manage.py export_questions FILE --category PATH``: a bank's questions as a file that comes back as it went."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.models import QuestionCategory
from assessments.services.question_export import FORMATS, export_bank
from lms.core.vietnamese import nfc


class Command(BaseCommand):
    help = _(
        "Write the questions of a bank into a file: xlsx keeps everything, Moodle XML and QTI go to other systems."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--category", required=True, metavar="PATH", help="code of the bank, or its path")
        parser.add_argument("--format", choices=sorted(FORMATS), default="xlsx")

    def handle(self, *, file: Path, category: str, **options: Any) -> None:
        bank = QuestionCategory.objects.at(nfc(category))
        if bank is None:
            raise CommandError(gettext("There is no bank with the code %(code)s.") % {"code": category})
        exported = export_bank(category=bank, file_format=options["format"], actor=None, now=timezone.now())
        try:
            file.write_bytes(exported.content)
        except OSError as fault:
            raise CommandError(f"{file}: {fault.strerror}") from fault
        self.stdout.write(
            gettext("%(count)d questions written to %(file)s") % {"count": exported.count, "file": file}
        )
