"""The class from the first form to the last figure."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from ..loader.calendar import VIETNAM
from . import office
from .browser import Browser, Stopped, Tally
from .figures import Summary, compare, read_report
from .learners import Learner, Week
from .people import Cast, Knowledge, Person

LEARNERS_AT_ONCE = 3
PDF_START = b"%PDF-"


class Play:
    """``base_url`` is a platform with the demo people and courses and without classes; files go to ``folder``."""

    def __init__(
        self, base_url: str, cast: Cast, knowledge: Knowledge, folder: Path, say: Callable[[str], object]
    ):
        self.base_url = base_url
        self.cast = cast
        self.knowledge = knowledge
        self.folder = folder
        self.say = say
        self.tally = Tally()
        self.begun = time.monotonic()
        # Who never passes one of the tests: a class in which all succeed would show half of the platform.
        self.hopeless = {person.staff_code for person in cast.learners[17::40]}

    def browser(self, person: Person) -> Browser:
        return Browser(self.base_url, self.tally, who=person.name)

    def run(self) -> Summary:
        """The whole class. Whatever goes wrong is in ``tally.errors``; the summary is of what could be told."""
        try:
            self.scene("the class is opened by decision", self.open_class)
            self.scene(
                f"{len(self.cast.units)} units nominate {len(self.cast.learners)} officials", self.nominate
            )
            self.scene("the school approves", self.approve)
            weeks = self.scene("they study and sit the tests", self.study)
            self.scene("certificates are issued", self.issue)
            return self.scene("figures are compared", lambda: self.tell(weeks))
        except (Stopped, LookupError) as error:
            if not isinstance(error, Stopped):
                self.tally.failed(str(error))
            return self.summary()

    def scene(self, words: str, act: Callable):
        begun = time.monotonic()
        result = act()
        self.say(f"… {words} ({time.monotonic() - begun:.0f} s)")
        return result

    def open_class(self) -> None:
        with self.browser(self.cast.administrator) as browser:
            office.sign_in(browser, self.cast.administrator)
            office.open_class(
                browser,
                capacity=len(self.cast.learners),
                signer=self.cast.leader.name,
                today=datetime.now(VIETNAM).date(),
            )

    def nominate(self) -> None:
        def send(unit: tuple[Person, list[Person]]) -> None:
            coordinator, learners = unit
            with self.browser(coordinator) as browser:
                office.sign_in(browser, coordinator)
                office.nominate(browser, learners)

        self.side_by_side(send, self.cast.units)

    def approve(self) -> None:
        with self.browser(self.cast.administrator) as browser:
            office.sign_in(browser, self.cast.administrator)
            office.approve_all(browser)

    def study(self) -> list[Week]:
        done = 0
        lock = threading.Lock()

        def week(person: Person) -> Week:
            nonlocal done
            with self.browser(person) as browser:
                learner = Learner(
                    browser, person, self.knowledge, hopeless=person.staff_code in self.hopeless
                )
                result = learner.study()
            with lock:
                done += 1
                if done % 10 == 0:
                    self.say(f"  {done} of {len(self.cast.learners)} learners are through")
            return result

        return [week for week in self.side_by_side(week, self.cast.learners) if week]

    def side_by_side(self, act: Callable, people: list) -> list:
        """Each does the same, a few at once; who stops does not stop the others."""

        def one(person):
            try:
                return act(person)
            except Stopped:
                return None
            except (LookupError, ValueError) as error:
                self.tally.failed(f"{person}: {error}")
                return None

        with ThreadPoolExecutor(LEARNERS_AT_ONCE) as pool:
            return list(pool.map(one, people))

    def issue(self) -> None:
        with self.browser(self.cast.administrator) as browser:
            office.sign_in(browser, self.cast.administrator)
            office.issue_certificates(browser)

    def tell(self, weeks: list[Week]) -> Summary:
        """Collect the documents, and compare what learners, register, report and workbook say."""
        completed = [week for week in weeks if week.completed]
        for week in self.worth_showing(completed):
            with self.browser(week.person) as browser:
                office.sign_in(browser, week.person)
                pdf, verified = office.own_certificate(browser)
                if week.person.name not in verified.response.text.replace("&#x27;", "'"):
                    self.tally.failed(f"{week.person.name}: not named on the verification page")
                self.keep(f"certificate-{week.person.staff_code}.pdf", pdf)
        with self.browser(self.cast.administrator) as browser:
            office.sign_in(browser, self.cast.administrator)
            certificates, first, last, book = office.register_numbers(browser)
            self.keep("register.pdf", book)
        with self.browser(self.cast.reader) as browser:
            office.sign_in(browser, self.cast.reader)
            report, workbook, pdf = read_report(browser)
            self.keep("report.xlsx", workbook, start=b"PK")
            self.keep("report.pdf", pdf)
        differences = compare(
            {
                "enrolled": {"learners": len(weeks), "report": report.figure("participations"),
                             "sent": len(self.cast.learners)},
                "completed": {"learners": len(completed), "report": report.figure("completed"),
                              "register": certificates, "certificates in the report": report.figure("certificates")},
                "units": {"sending": len(self.cast.units), "report": report.units},
            }
        )  # fmt: skip
        for difference in differences:
            self.tally.failed(difference)
        return self.summary(
            units=report.units,
            learners=len(weeks),
            enrolled=report.figure("participations"),
            completed=report.figure("completed"),
            certificates=certificates,
            first_number=first,
            last_number=last,
        )

    def worth_showing(self, completed: list[Week]) -> list[Week]:
        """Three holders: the longest name, the most marks on letters, an apostrophe or else the first."""
        if not completed:
            raise LookupError("nobody completed the class")
        by_length = sorted(completed, key=lambda week: -len(week.person.name))
        by_marks = sorted(
            completed, key=lambda week: week.person.name.isascii() or -len(week.person.name.encode())
        )
        odd = [week for week in completed if "'" in week.person.name]
        chosen = {week.person.staff_code: week for week in [by_length[0], *odd[:1], *by_marks, *completed]}
        return list(chosen.values())[:3]

    def keep(self, name: str, content: bytes, *, start: bytes = PDF_START) -> None:
        if not content.startswith(start):
            self.tally.failed(f"{name} is not what its name says")
        (self.folder / name).write_bytes(content)

    def summary(self, **told) -> Summary:
        """Nothing told is nought."""
        empty = dict.fromkeys(("units", "learners", "enrolled", "completed", "certificates"), 0)
        numbers = {"first_number": "", "last_number": ""}
        summary = Summary(
            **{**empty, **numbers, **told},
            requests=self.tally.requests,
            errors=len(self.tally.errors),
            seconds=round(time.monotonic() - self.begun, 1),
        )
        text = json.dumps(summary.as_dict(), ensure_ascii=False, indent=2)
        (self.folder / "summary.json").write_text(text + "\n", encoding="utf-8")
        return summary
