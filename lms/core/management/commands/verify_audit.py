"""``manage.py verify_audit``: does every audit event still say what it said when it was sealed?"""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.core.audit_chain import seal_events, verify_chain


class Command(BaseCommand):
    help = _("Walk the chain over the audit trail, and name the first link that does not hold.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            metavar="NUMBER:HASH",
            help="the head an earlier run printed; the chain must still pass through it",
        )
        parser.add_argument(
            "--no-seal", action="store_true", help="do not seal first what stands behind the chain"
        )

    def handle(self, *, head: str, no_seal: bool, **options: object) -> None:
        now = timezone.now()
        if not no_seal:
            seal_events(now=now)
        report = verify_chain(now=now, known_head=head)
        self.stdout.write(
            gettext("%(links)s links hold. Head: %(head)s") % {"links": report.links, "head": report.head}
        )
        if report.fault:
            raise CommandError(report.fault)
        if report.unsealed:
            raise CommandError(
                gettext("%(count)s events have not been sealed: is a worker with its clock (beat) running?")
                % {"count": report.unsealed}
            )
