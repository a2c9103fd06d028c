"""A hall at eight o'clock, over HTTP against a real server: everybody presses Start, saves every twenty seconds, hands in.

Requests are sent when they are due, however late the server is with those before, and time counts from when they were due. The
learners are simulated on the same machine as the server. A smaller size is a smaller hall at the same pace; only the whole one
sits for ten minutes.
"""

import http.client
import itertools
import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, AttemptQuestion, Quiz
from assessments.services.preparing import prepare_attempts
from assessments.services.quizzes import put_quiz
from courses.models import Enrolment
from tests.assessments.live import LiveSite, live_site
from tests.factories.assessments import make_category, make_learner_of
from tests.factories.courses import make_course, make_enrolment

from .harness import Measured

LEARNERS = 500
QUESTIONS, BANK = 30, 120
START_SECONDS, SUBMIT_SECONDS, SITTING_SECONDS, SAVE_EVERY = 10, 5, 600, 20
# Load gates, milliseconds.
START_LIMIT = SUBMIT_LIMIT = 3000
SAVE_LIMIT = 500
AT_ONCE = 64
WARM_UP = 24
CSRF = "b" * 32


@dataclass
class Learner:
    """Somebody in the hall, signed in, and what was acknowledged to them."""

    url: str
    session: str
    enrolment_id: int
    attempt: str = ""
    tab_token: str = ""
    choices: dict[int, list[str]] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    moves: itertools.count = field(default_factory=itertools.count)

    def post(self, path: str, fields: dict[str, object], *, expect: int) -> tuple[str, str]:
        """(body, where it leads). Raises AssertionError for another status than the expected."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request("POST", path, urlencode(fields), headers)
            response = connection.getresponse()
            body = response.read().decode()
            assert response.status == expect, f"{path}: {response.status} {body[:200]}"
            return body, response.headers.get("Location", "")
        finally:
            connection.close()

    def start(self, quiz: Quiz) -> None:
        path = reverse("assessments:start", kwargs={"quiz_id": quiz.pk, "enrolment_id": self.enrolment_id})
        _body, leads_to = self.post(path, {}, expect=302)
        assert "/luot/" in leads_to, leads_to
        self.attempt = leads_to

    def take_the_pen(self) -> None:
        body, _ = self.post(f"{self.attempt}mo/", {}, expect=200)
        opened = json.loads(body)
        self.tab_token = opened["tab_token"]
        self.choices = {one["position"]: one["choices"] for one in opened["questions"]}

    def save(self) -> None:
        turn, place = divmod(next(self.moves), len(self.choices))
        position, sequence = place + 1, turn + 1
        answer = {"choices": [self.choices[position][turn % len(self.choices[position])]]}
        fields = {"answer": json.dumps(answer), "sequence": sequence, "tab_token": self.tab_token}
        self.post(f"{self.attempt}cau/{position}/", fields, expect=200)
        self.acknowledged[position] = sequence

    def submit(self) -> None:
        self.post(f"{self.attempt}nop/", {}, expect=302)


@dataclass(frozen=True)
class Load:
    """Milliseconds from when each request was due to its answer, and what went wrong."""

    times: list[float]
    errors: list[str]
    seconds: float

    def at(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def words(self) -> str:
        first = f"; first error: {self.errors[0]}" if self.errors else ""
        return (
            f"n {len(self.times)}, p50 {self.at(0.5):.0f} ms, p95 {self.at(0.95):.0f} ms, max {max(self.times):.0f} ms, "
            f"errors {len(self.errors)}, all answered after {self.seconds:.1f} s{first}"
        )

    def within(self, name: str, limit: float) -> Measured:
        """Against a limit in milliseconds, by the 95th percentile."""
        p95 = self.at(0.95)
        return Measured(
            name=name, floor="load gate for the p95", floor_ms=limit, floor_cpu_ms=0, ours_ms=round(p95, 1), ours_cpu_ms=0,
            ratio=round(p95 / limit, 2), gate=1.0, note=self.words, errors=len(self.errors),
        )  # fmt: skip


def all_at_their_time(actions: list[Callable[[], None]], seconds: float) -> Load:
    times, errors = [0.0] * len(actions), []
    begun = time.perf_counter()

    def act(number: int) -> None:
        due = begun + number * seconds / len(actions)
        time.sleep(max(0.0, due - time.perf_counter()))
        try:
            actions[number]()
        except (OSError, http.client.HTTPException, AssertionError) as error:
            errors.append(f"{type(error).__name__}: {error}")
        times[number] = (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(act, range(len(actions))))
    return Load(times, errors, time.perf_counter() - begun)


def build(learners: int) -> dict:
    """Quizzes alike of one class; the papers of one are drawn ahead."""
    module = make_course(modules=1, lessons=1).get_children().get().specific
    bank = make_category(singles=BANK)
    quizzes = {
        name: put_quiz(
            module=module, title=name, draws=[(bank, "", QUESTIONS)], time_limit_minutes=60, actor=None, now=timezone.now()
        )
        for name in ("prepared", "drawn at once", "warm-up")
    }  # fmt: skip
    run = make_learner_of(quizzes["prepared"]).run
    enrolments = [make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS) for _ in range(learners)]
    prepare_attempts(quiz=quizzes["prepared"], run=run, now=timezone.now())
    sessions = []
    for enrolment in enrolments:
        client = Client()
        client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
        sessions.append((client.cookies[settings.SESSION_COOKIE_NAME].value, enrolment.pk))
    return {"quizzes": quizzes, "sessions": sessions}


def crowd(*, size: float, rounds: int) -> list[Measured]:
    """``rounds`` changes nothing: a crowd comes once."""
    size = min(size, 1)
    learners = max(4, round(LEARNERS * size))
    # The sessions were made here, so the site has to believe them.
    with live_site(lambda: build(learners), web_workers=2, SECRET_KEY=settings.SECRET_KEY) as site:
        hall = [Learner(site.url, *session) for session in site.world["sessions"]]
        quizzes = site.world["quizzes"]
        # A server that has just come up loads its code with the first requests.
        all_at_their_time([lambda one=one: one.start(quizzes["warm-up"]) for one in hall[:WARM_UP]], 1)
        starts = {
            name: all_at_their_time(
                [lambda one=one, quiz=quizzes[name]: one.start(quiz) for one in hall], START_SECONDS * size
            )
            for name in ("drawn at once", "prepared")
        }
        for one in hall:
            one.take_the_pen()
        seconds = SITTING_SECONDS * size * min(1, size)
        turns = max(1, round(seconds / SAVE_EVERY))
        saves = all_at_their_time([one.save for _ in range(turns) for one in hall], max(seconds, 1))
        submits = all_at_their_time([one.submit for one in hall], SUBMIT_SECONDS * size)
        require_nothing_lost(site, hall, quizzes["prepared"])
    halls = f"{learners} learners"
    without, ahead = starts["drawn at once"], starts["prepared"]
    compared = Measured(
        name="start, drawn ahead", floor="start, drawn at once", floor_ms=round(statistics.median(without.times), 2),
        floor_cpu_ms=0, ours_ms=round(statistics.median(ahead.times), 2), ours_cpu_ms=0,
        ratio=round(statistics.median(ahead.times) / statistics.median(without.times), 2), gate=1.0,
        note=f"drawn at once: {without.words}", errors=len(without.errors),
    )  # fmt: skip
    return [
        compared,
        ahead.within(f"{halls} start", START_LIMIT),
        saves.within(f"{halls} save every 20 s", SAVE_LIMIT),
        submits.within(f"{halls} hand in", SUBMIT_LIMIT),
    ]


def require_nothing_lost(site: LiveSite, hall: list[Learner], quiz: Quiz) -> None:
    with site.database():
        graded = set(
            map(
                str,
                Attempt.objects.filter(quiz=quiz, state=Attempt.State.GRADED).values_list(
                    "public_id", flat=True
                ),
            )
        )
        rows = AttemptQuestion.objects.filter(attempt__quiz=quiz).values_list(
            "attempt__public_id", "position", "sequence"
        )
        stored = {(str(attempt), position): sequence for attempt, position, sequence in rows}
    for one in hall:
        public_id = one.attempt.rstrip("/").rsplit("/", 1)[1]
        assert public_id in graded, f"{public_id} was not handed in"
        for position, sequence in one.acknowledged.items():
            assert stored[public_id, position] == sequence, f"an answer of {public_id} is lost"
