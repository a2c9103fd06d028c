"""``manage.py journey``: one whole class over HTTP, on a platform started for it."""

import logging
import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.demo.journey.people import Knowledge, read_cast
from lms.demo.journey.play import Play
from lms.demo.loader.world import FIXTURES
from lms.demo.stage import SetUpFailed, running_platform
from lms.demo.tables import as_table
from lms.runtime.console import Failure
from lms.runtime.places import ROOT, shown


class Command(BaseCommand):
    help = "Start the platform on an empty database and take one class through it over HTTP, as each of its people."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--learners", type=int, help="so many officials instead of all 80")
        parser.add_argument(
            "--url", help="a platform that runs already, with the demo people and without this class"
        )
        parser.add_argument("--into", type=Path, help="the folder for the documents and summary.json")

    def handle(self, *args, learners: int | None, url: str | None, into: Path | None, **options) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)
        folder = into or Path(os.environ.get("VAR_DIR", ROOT / "var")) / "journey"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if old.suffix in {".pdf", ".xlsx", ".json"}:
                old.unlink()
        cast = read_cast(FIXTURES, learners=learners)
        try:
            if url:
                errors = self.play(url, cast, folder)
            else:
                with running_platform(self.say) as site:
                    errors = self.play(site.url, cast, folder)
        except SetUpFailed as failure:
            raise CommandError(str(failure)) from failure
        except Failure as failure:
            raise CommandError(f"{failure.vi}\n{failure.en}") from failure
        if errors:
            raise CommandError("\n".join(["The journey did not go as it should:", *errors[:40]]))

    def play(self, url: str, cast, folder: Path) -> list[str]:
        play = Play(url, cast, Knowledge(FIXTURES), folder, self.say)
        summary = play.run()
        self.say("")
        self.say(as_table(["", ""], list(summary.as_dict().items())))
        self.say(f"\n{shown(folder)}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
        bars = {"learners": len(cast.learners), "units": len(cast.units), "enrolled": len(cast.learners)}
        missed = [
            f"{name}: {getattr(summary, name)} instead of {wanted}"
            for name, wanted in bars.items()
            if getattr(summary, name) != wanted
        ]
        return [*play.tally.errors, *missed]

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
