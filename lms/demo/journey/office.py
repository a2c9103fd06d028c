"""Those who send, decide, issue and report: coordinators, the training department, the ministry."""

import time
from datetime import date, timedelta

from ..loader.people import DEMO_PASSWORD
from .browser import Browser, Page, text_of
from .people import Person

RUN_CODE = "CCHC-HT.01"
RUN_TITLE = "Lớp bồi dưỡng ứng dụng CNTT và CCHC, lớp hành trình"
JOB_SECONDS = 300


def open_class(browser: Browser, *, capacity: int, signer: str, today: date) -> None:
    """Enter a class of the programme whose last day is today, with its decision, and open it to the units."""
    page = browser.open("/lop/tao/")
    form = page.form("/lop/tao/")
    course = next(
        option.get("value")
        for option in form.xpath(".//select[@name='course']/option")
        if "CCHC-CNTT" in text_of(option)
    )
    entered = browser.submit(
        page,
        form,
        {
            "course": course,
            "code": RUN_CODE,
            "title": RUN_TITLE,
            "title_en": "IT application and administrative reform, the class of the journey",
            "policy": "nomination",
            "opens_on": (today - timedelta(days=4)).isoformat(),
            "due_on": today.isoformat(),
            "closes_on": today.isoformat(),
            "capacity": str(capacity),
            "decision_number": "2301/QĐ-LĐTBXH (số ví dụ)",
            "decision_date": (today - timedelta(days=11)).isoformat(),
            "decision_signer": signer,
            "trainers": [box.get("value") for box in form.xpath(".//input[@name='trainers']")][:2],
        },
    )
    browser.submit(entered, entered.form(f"/lop/{RUN_CODE}/mo/"))


def nominate(browser: Browser, learners: list[Person]) -> None:
    """Find the class that takes nominations, tick the own staff, look at the choice, send it."""
    page = browser.open("/lop/cu-di-hoc/")
    page = browser.open(page.links(f"/lop/{RUN_CODE}/cu-di-hoc/")[0])
    codes = {person.staff_code for person in learners}
    ticked = []
    for row in page.all("//tr[.//input[@name='person']]"):
        detail = text_of(row.find_class("person__detail")[0])
        if codes & set(detail.replace("·", " ").split()):
            ticked.append(row.xpath(".//input[@name='person']")[0].get("value"))
    if len(ticked) != len(learners):
        raise browser.stop(f"{len(learners)} to nominate, {len(ticked)} on the list")
    confirm = browser.submit(page, _form_with(page, "person"), {"person": ticked})
    browser.submit(confirm, _form_with(confirm, "confirmed"))


def _form_with(page: Page, name: str):
    return next(
        form
        for form in page.document.forms
        if form.xpath(f".//input[@name='{name}']") and form.method == "POST"
    )


def approve_all(browser: Browser) -> None:
    page = browser.open(f"/lop/{RUN_CODE}/de-cu/")
    browser.submit(page, _form_with(page, "all"))


def issue_certificates(browser: Browser, *, wait=time.sleep) -> None:
    """Issue to all who are eligible and follow the bar to its end."""
    page = browser.open(f"/chung-chi/lop/{RUN_CODE}/")
    page = browser.submit(page, page.form("/cap/"))
    jobs = [element.get("hx-get") for element in page.all("//*[contains(@class, 'job')][@hx-get]")]
    deadline = time.monotonic() + JOB_SECONDS
    while jobs:
        if time.monotonic() > deadline:
            raise browser.stop("certificates took too long")
        wait(1)
        bar = browser.open(jobs[0])
        if bar.of_class("tone-danger"):
            raise browser.stop("issuing certificates failed")
        jobs = [element.get("hx-get") for element in bar.all("//*[@hx-get]")]


def own_certificate(browser: Browser) -> tuple[bytes, Page]:
    """A holder's PDF, and the public page that verifies it."""
    page = browser.open("/chung-chi/cua-toi/")
    pdf = browser.ask("GET", page.links("/tai-ve/")[0]).content
    return pdf, browser.open(page.links("/chung-chi/xac-thuc/")[-1])


def register_numbers(browser: Browser) -> tuple[int, str, str, bytes]:
    """(how many certificates, first number, last number, the book as PDF) of the class."""
    page = browser.open("/chung-chi/so-cap/?sort=number")
    form = page.form("/chung-chi/so-cap/")
    run = next(
        option.get("value")
        for option in form.xpath(".//select[@name='run']/option")
        if RUN_CODE in text_of(option) or RUN_TITLE in text_of(option)
    )
    numbers = []
    number = 1
    while True:
        page = browser.open(f"/chung-chi/so-cap/?run={run}&sort=number&page={number}")
        rows = [text_of(cell) for cell in page.all("//tbody/tr/th[@scope='row']")]
        if not rows or rows[0] in numbers:
            break
        numbers += rows
        number += 1
    pdf = browser.ask("GET", f"/chung-chi/so-cap/pdf/?run={run}").content
    return len(numbers), numbers[0], numbers[-1], pdf


def sign_in(browser: Browser, person: Person) -> Page:
    return browser.sign_in(person.email, DEMO_PASSWORD)
