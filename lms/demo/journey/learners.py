"""A learner's week: every lesson, every test."""

import json
from dataclasses import dataclass, field
from random import Random

from lms.core.vietnamese import nfc

from ..loader.people import DEMO_PASSWORD
from .browser import Browser, Page, text_of
from .people import Knowledge, Person


@dataclass
class Week:
    """What one learner has done, by what the pages said."""

    person: Person
    lessons: int = 0
    sittings: int = 0
    second_times: int = 0
    not_passed: list[str] = field(default_factory=list)
    completed: bool = False


class Learner:
    """Seeded by the person: how well each test is known at first. One who is ``hopeless`` never passes one of them."""

    def __init__(self, browser: Browser, person: Person, knowledge: Knowledge, *, hopeless: bool):
        self.browser = browser
        self.knowledge = knowledge
        self.random = Random(f"journey {person.staff_code}")
        self.hopeless_at = self.random.randrange(6) if hopeless else None
        self.week = Week(person)

    def study(self) -> Week:
        """From the sign-in to the last step of the course; raises Stopped or LookupError."""
        home = self.browser.sign_in(self.week.person.email, DEMO_PASSWORD)
        course = own_course(home)
        page = self.browser.open(course)
        steps = [link.get("href") for link in page.all("//ol[contains(@class, 'steps-list')]//a[@href]")]
        shown: Page | None = None
        tests = 0
        for address in steps:
            if shown is None or shown.path != address:
                shown = self.browser.open(address)
            if shown.all("//*[@data-lesson-save]"):
                shown = self.read(shown)
            else:
                self.take_test(shown, hopeless=tests == self.hopeless_at)
                shown, tests = None, tests + 1
        bars = self.browser.open(course).all("//*[contains(@class, 'course-progress')]//progress")
        self.week.completed = bool(bars) and bars[0].get("value") == bars[0].get("max")
        return self.week

    def read(self, page: Page) -> Page:
        """Read on, saving the place on the way, and mark as read; gives the page that follows."""
        save = page.one("//*[@data-lesson-save]").get("data-lesson-save")
        for place in (self.random.randrange(30, 70), 100):
            self.browser.post(save, {"position": str(place)}, csrf_token=page.csrf_token, accept=(204,))
        self.week.lessons += 1
        return self.browser.submit(page, page.form("/xong/"))

    def take_test(self, page: Page, *, hopeless: bool) -> None:
        """Sit a test until it is passed or no attempt is left."""
        first = 0.15 if hopeless else self.random.choice([0.9, 0.9, 0.85, 0.8, 0.95, 1.0, 0.25])
        sittings = 0
        while True:
            mastery = first if sittings == 0 or hopeless else 0.92
            result = self.sit(page, mastery=mastery)
            sittings += 1
            passed = bool(result.one("//*[contains(@class, 'result-head')]").find_class("tone-success"))
            if passed:
                break
            page = self.browser.open(page.path)
            # The test's page tells whether another attempt is left.
            if not page.all("//form[contains(@action, '/bat-dau/')]"):
                break
        self.week.sittings += sittings
        self.week.second_times += int(passed and sittings > 1)
        if not passed:
            self.week.not_passed.append(text_of(page.one("//h1")))

    def sit(self, page: Page, *, mastery: float) -> Page:
        """Start, answer each question and see it saved, hand in; gives the result."""
        paper = self.browser.submit(page, page.form("/bat-dau/"))
        sheet = paper.one("//*[@data-paper]")
        token = paper.csrf_token
        opened = self.browser.post(sheet.get("data-open-url"), {}, csrf_token=token).json()
        sequences = {question["position"]: question["sequence"] for question in opened["questions"]}
        for box in paper.all("//*[@data-question]"):
            position = int(box.get("data-question"))
            chosen = self.choose(box, right=self.random.random() < mastery)
            saved = self.browser.post(
                sheet.get("data-save-url").replace("/0/", f"/{position}/"),
                {
                    "answer": json.dumps({"choices": chosen}),
                    "sequence": str(sequences[position] + 1),
                    "tab_token": opened["tab_token"],
                },
                csrf_token=token,
            ).json()
            if saved["sequence"] != sequences[position] + 1:
                raise self.browser.stop(f"{paper.path}: answer {position} was not acknowledged")
        return self.browser.submit(paper, paper.form("/nop/"))

    def choose(self, box, *, right: bool) -> list[str]:
        """Values of the choices a person who knows the answer, or does not, would tick."""
        choices = {
            choice.get("value"): nfc(text_of(choice.getparent().find("span")))
            for choice in box.xpath(".//input")
            if choice.get("type") in ("radio", "checkbox")
        }
        known = self.knowledge.right_choices(text_of(box.find_class("question__words")[0]))
        correct = [value for value, text in choices.items() if text in known]
        wrong = [value for value in choices if value not in correct]
        return correct if right else [self.random.choice(wrong)]


def own_course(home: Page) -> str:
    """The address of the learner's course among the links of the first page; raises LookupError."""
    for link in home.links("/hoc/"):
        if link.strip("/").removeprefix("hoc/").isdigit():
            return link
    raise LookupError(f"{home.path}: no course to study")
