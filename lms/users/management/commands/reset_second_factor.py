"""``manage.py reset_second_factor PERSON --reason TEXT``: for whoever nobody in the admin can help."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.core.errors import DomainError
from lms.users.models import User
from lms.users.second_factor import reset_second_factor


class Command(BaseCommand):
    help = _("Remove every second factor of a person who has lost theirs, and end all their sessions.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="PERSON", help="official e-mail or staff code")
        parser.add_argument(
            "--reason", required=True, help="who asked and how that was made sure; kept in the audit trail"
        )

    def handle(self, *, person: str, reason: str, **options: object) -> None:
        found = User.objects.named(person)
        if found is None:
            raise CommandError(gettext("Nobody has this e-mail or staff code."))
        try:
            reset_second_factor(person=found, actor=None, reason=reason, now=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            gettext("%(person)s signs in by password and sets up a new second step.")
            % {"person": found.get_full_name()}
        )
