"""Server processes are killed in the middle of a quiz: no acknowledged answer is lost, and the newest wins.

Simulated learners save answers over HTTP and repeat what was not acknowledged, as the page does. The control runs the
same checks against a server that acknowledges before it commits, and must find losses: else the test could not fail.
"""

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from assessments.models import AttemptQuestion
from tests.assessments.live import LiveSite, live_site
from tests.factories.assessments import make_learner_of, make_quiz
from tests.factories.courses import make_enrolment
from tests.factories.organisations import PASSWORD

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]

# Two hundred by FAULT_LEARNERS=200; signing so many in takes minutes.
LEARNERS = int(os.environ.get("FAULT_LEARNERS", "24"))
QUESTIONS = 5
SECONDS = 12.0
VICTIMS = ["worker", "server", "worker", "worker", "server", "worker"]
# A thought between two answers, so that the learners are many and the server is not only flooded.
THINKING = 0.5  # seconds, at most
SIGNING_IN = 8  # at once
SEED = 20190531


@dataclass
class Sitter:
    """One learner: what was sent under which number, and the highest number acknowledged, by question."""

    save: Callable[
        [int, int, str], int
    ]  # position, sequence, choice → status; raises OSError when nobody answers
    choices: dict[int, list[str]]
    seed: int
    sent: dict[tuple[int, int], str] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    repeated: int = 0
    odd: list[int] = field(default_factory=list)

    def sit(self, stop: threading.Event) -> None:
        dice = random.Random(self.seed)
        sequence = 0
        while not stop.is_set():
            position = dice.choice(sorted(self.choices))
            choice = dice.choice(self.choices[position])
            sequence += 1
            self.sent[position, sequence] = choice
            while not self.try_once(position, sequence, choice):
                self.repeated += 1
                if stop.wait(0.05 + dice.random() * 0.2):
                    return
            stop.wait(dice.random() * THINKING)

    def try_once(self, position: int, sequence: int, choice: str) -> bool:
        try:
            status = self.save(position, sequence, choice)
        except (OSError, http.client.HTTPException):
            return False
        if status == 200:
            self.acknowledged[position] = sequence
            return True
        if status < 500:
            self.odd.append(status)
        return False

    def lost(self, stored: dict[int, tuple[int, str]]) -> list[str]:
        """``stored``: sequence and choice by position. A newer one than acknowledged may be there, never an older one."""
        faults = []
        for position, sequence in self.acknowledged.items():
            there, choice = stored.get(position, (0, ""))
            if there < sequence:
                faults.append(f"question {position}: {sequence} acknowledged, {there} stored")
            elif choice != self.sent[position, there]:
                faults.append(f"question {position}: the words of {there} are not those sent")
        return faults


def run_all(
    sitters: list[Sitter], disturb: Callable[[random.Random], None], *, seconds: float, kills: int
) -> None:
    """Let everyone answer while ``disturb`` breaks something, several times over."""
    stop = threading.Event()
    threads = [threading.Thread(target=sitter.sit, args=(stop,)) for sitter in sitters]
    for thread in threads:
        thread.start()
    dice = random.Random(SEED)
    try:
        for _ in range(kills):
            # The pause is the load itself: a kill is to land somewhere within it.
            stop.wait(seconds / kills * dice.uniform(0.6, 1.0))
            disturb(dice)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


# --- The product ------------------------------------------------------------------------------------------------
class Browser:
    """A cookie jar and one kept connection."""

    def __init__(self, url: str):
        self.place = urlsplit(url)
        self.cookies: dict[str, str] = {}
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: dict | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=20)
        try:
            self.connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
            response = self.connection.getresponse()
            body = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status in (301, 302):
            return response.status, response.headers["Location"]
        return response.status, body


def build() -> dict:
    quiz = make_quiz(singles=QUESTIONS, multiples=0)
    first = make_learner_of(quiz)
    others = [make_enrolment(run=first.run, state="in_progress") for _ in range(LEARNERS - 1)]
    return {"quiz": quiz, "enrolments": [first, *others]}


def seat(site: LiveSite, enrolment, seed: int) -> tuple[Sitter, str]:
    """Sign in, start, take the pen: all over HTTP."""
    browser = Browser(site.url)
    browser.ask("GET", "/tai-khoan/login/")
    signed_in, _ = browser.ask(
        "POST",
        "/tai-khoan/login/",
        {"login": enrolment.learner.email, "password": PASSWORD, "next": "/healthz"},
    )
    assert signed_in == 302
    status, address = browser.ask(
        "POST", f"/kiem-tra/bai/{site.world['quiz'].pk}/{enrolment.pk}/bat-dau/", {}
    )
    assert status == 302, address
    status, body = browser.ask("POST", f"{address}mo/", {})
    assert status == 200, body
    opened = json.loads(body)

    def save(position: int, sequence: int, choice: str) -> int:
        answer = json.dumps({"choices": [choice]})
        fields = {"answer": answer, "sequence": sequence, "tab_token": opened["tab_token"]}
        status, body = browser.ask("POST", f"{address}cau/{position}/", fields)
        if status == 200:
            assert json.loads(body)["sequence"] == sequence
        return status

    choices = {question["position"]: question["choices"] for question in opened["questions"]}
    return Sitter(save, choices, seed), address.rstrip("/").rsplit("/", 1)[1]


def kill(site: LiveSite, victim: str, dice: random.Random) -> None:
    """One worker process of the web server, or the whole server at once; -9 either way."""
    server = site.site.web
    workers = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    if victim == "worker" and workers:
        os.kill(int(dice.choice(workers)), signal.SIGKILL)
        return
    server.signal_group(signal.SIGKILL)
    server.process.wait()
    server.start()


def test_no_acknowledged_answer_is_lost_when_servers_are_killed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), live_site(build, web_workers=2) as site:
        with ThreadPoolExecutor(SIGNING_IN) as pool:
            seated = list(
                pool.map(
                    lambda pair: seat(site, pair[1], SEED + pair[0]), enumerate(site.world["enrolments"])
                )
            )
        sitters = [sitter for sitter, _public_id in seated]
        victims = iter(VICTIMS)
        run_all(sitters, lambda dice: kill(site, next(victims), dice), seconds=SECONDS, kills=len(VICTIMS))
        site.site.wait_for_first_page("/healthz")
        with site.database():
            for sitter, public_id in seated:
                rows = AttemptQuestion.objects.filter(attempt__public_id=public_id, sequence__gt=0)
                stored = {row.position: (row.sequence, row.answer["choices"][0]) for row in rows}
                assert sitter.lost(stored) == []
        assert all(sitter.odd == [] for sitter in sitters), [sitter.odd for sitter in sitters]
        answered = sum(len(sitter.acknowledged) for sitter in sitters)
        assert answered > LEARNERS * QUESTIONS * 0.3
        assert sum(sitter.repeated for sitter in sitters) > 0, "the kills disturbed nobody"


# --- The control ------------------------------------------------------------------------------------------------
def test_the_check_finds_a_loss_where_answers_are_acknowledged_before_they_are_committed(tmp_path):
    database = str(tmp_path / "control.sqlite3")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE TABLE answers (learner INT, position INT, sequence INT, choice TEXT,"
            " PRIMARY KEY (learner, position))"
        )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = [start_hasty(database, port)]

    def sitter(learner: int) -> Sitter:
        def save(position: int, sequence: int, choice: str) -> int:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("POST", "/", json.dumps([learner, position, sequence, choice]))
                return connection.getresponse().status

        return Sitter(
            save, {position: ["a", "b", "c"] for position in range(1, QUESTIONS + 1)}, SEED + learner
        )

    def kill_control(_dice: random.Random) -> None:
        server[0].kill()
        server[0].wait()
        server[0] = start_hasty(database, port)

    sitters = [sitter(learner) for learner in range(6)]
    try:
        run_all(sitters, kill_control, seconds=2, kills=2)
    finally:
        server[0].kill()
        server[0].wait()
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT learner, position, sequence, choice FROM answers").fetchall()
    lost = []
    for learner, each in enumerate(sitters):
        stored = {position: (sequence, choice) for who, position, sequence, choice in rows if who == learner}
        lost += each.lost(stored)
    assert lost


def start_hasty(database: str, port: int) -> subprocess.Popen:
    program = Path(__file__).with_name("hasty_server.py")
    started = subprocess.Popen([sys.executable, str(program), database, str(port)])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return started
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the control's server did not start")
