"""A learner's answer is saved: the platform's view against a bare Django view with one upsert.

Both are asked through Django's WSGI handler by somebody signed in, with a session and a CSRF token, and both commit
before they answer. The floor is a new Django project's middleware and one ``INSERT … ON CONFLICT`` written by hand
into the same table: three statements with session and user. It takes any answer from anybody at any time. The platform
also finds out whose attempt it is, holds the attempt's row against a submit, checks deadline, tab, choices and the
order of saves; that is what may cost up to two thirds more (0.6 of the floor's throughput).
"""

import itertools
import json

from django.db import connection
from django.urls import reverse

from assessments.models import Attempt
from tests.factories.assessments import begin, make_learner_of, make_quiz

from .bare import DJANGO_MIDDLEWARE
from .harness import Measured, compare
from .serving import Browser, as_in_production

QUESTIONS = 10


def our_urls(attempt: Attempt) -> list[str]:
    names = ({"public_id": attempt.public_id, "position": position} for position in range(1, QUESTIONS + 1))
    return [reverse("assessments:save_answer", kwargs=name) for name in names]


def bare_urls(attempt: Attempt) -> list[str]:
    return [f"/answer/{attempt.pk}/{position}/" for position in range(1, QUESTIONS + 1)]


class Sitting:
    """Somebody who answers question after question, again and again, each time otherwise than before."""

    def __init__(self, attempt: Attempt, browser: Browser, urls: list[str]) -> None:
        self.attempt, self.browser, self.urls = attempt, browser, urls
        self.rows = list(attempt.questions.select_related("version").order_by("position"))
        self.moves = itertools.count(len(self.rows))

    def save_next(self) -> None:
        move = next(self.moves)
        turn, place = divmod(move, len(self.rows))
        row = self.rows[place]
        fields = {
            "answer": json.dumps({"choices": [row.choice_order[turn % len(row.choice_order)]]}),
            "sequence": turn,
            "tab_token": self.attempt.tab_token,
            "version": row.version_id,
        }
        self.browser.post(self.urls[place], fields)


def autosave(*, size: float, rounds: int) -> list[Measured]:
    """One row is written over and over, so the cost does not depend on the size."""
    quiz = make_quiz(singles=QUESTIONS, multiples=0)
    mine, other = (begin(quiz, make_learner_of(quiz)) for _ in range(2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert not connection.in_atomic_block, "every save must commit"
    with as_in_production():
        ours = Sitting(mine, Browser(mine.enrolment.learner), our_urls(mine))
        bare = Sitting(
            other, Browser(other.enrolment.learner, middleware=DJANGO_MIDDLEWARE), bare_urls(other)
        )
        measured = compare(
            name="autosave one answer",
            floor="bare Django view + one upsert",
            floor_run=bare.save_next,
            ours_run=ours.save_next,
            gate=1 / 0.6,
            rounds=min(rounds, 200),
        )
    for attempt in (mine, other):
        assert attempt.questions.filter(sequence__gt=0).exists()
    return [measured]
