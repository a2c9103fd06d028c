"""``manage.py prepare_attempts --quiz ID [--run CODE]``: draw the papers of a class before it comes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments.models import Quiz
from assessments.services.preparing import prepare_attempts
from courses.models import Run
from lms.core.errors import DomainError


class Command(BaseCommand):
    help = _(
        "Draw a quiz ahead for all who may sit it, or for one class; quizzes with a fixed start are drawn by the clock."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiz", type=int, required=True, metavar="ID")
        parser.add_argument(
            "--run", default="", metavar="CODE", help="code of the class; all classes otherwise"
        )

    def handle(self, *, quiz: int, run: str, **options: Any) -> None:
        found = Quiz.objects.filter(pk=quiz, is_active=True).select_related("module").first()
        if found is None:
            raise CommandError(gettext("There is no quiz in use with the number %(quiz)d.") % {"quiz": quiz})
        of_run = Run.objects.filter(code=run).first() if run else None
        if run and of_run is None:
            raise CommandError(gettext("There is no class with the code %(code)s.") % {"code": run})
        try:
            prepared = prepare_attempts(quiz=found, run=of_run, now=timezone.now())
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(
            ngettext("%(n)d paper drawn ahead.", "%(n)d papers drawn ahead.", prepared) % {"n": prepared}
        )
