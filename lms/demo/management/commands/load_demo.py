"""``manage.py load_demo``: fill an empty installation with the demo world."""

import logging

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from lms.core.jobs import run_job
from lms.demo.loader.world import load_world


class Command(BaseCommand):
    help = "Load the demo world from fixtures/: units, people, pages, courses, classes. A second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-runs",
            action="store_true",
            help="leave out the classes and what their learners have done",
        )

    def handle(self, *args, without_runs: bool, **options) -> None:
        for name in ("django_tasks", "wagtail"):
            logging.getLogger(name).setLevel(logging.WARNING)  # a line per page says nothing here
        jobs = load_world(now=timezone.now(), say=self.stdout.write, runs=not without_runs)
        for job in jobs:
            # Here and now, so that the certificates are there before anybody asks; what fails the worker takes up.
            run_job(job.pk)
            job.refresh_from_db()
            self.stdout.write(f"{job.title}: {job.get_state_display()}")
