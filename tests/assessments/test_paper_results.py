"""Answer sheets of a printed test typed in afterwards: attempts like any other, scored by the same rules."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt
from assessments.permissions import NoAttemptsLeft
from assessments.printed_papers import keys_of, questions_of
from assessments.services import paper_results as services
from assessments.services.grading import recompute_score
from assessments.services.printed_papers import draw_papers
from courses.models import CriterionResult, RunTrainer
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_learner_of, make_question, make_quiz
from tests.factories.courses import make_enrolment
from tests.factories.kinds import SAMPLES
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


class Room:
    """A class with one printed variant: three single, two multiple, a short text and an essay of one point each."""

    def __init__(self):
        quiz = make_quiz(singles=3, multiples=2)
        category = quiz.draws.get().category
        make_question(category, kind="short", choices=[("Hà Nội", True)])
        make_question(category, kind="essay", choices=[])
        quiz.draws.update(count=7)
        self.print(type(quiz).objects.get(pk=quiz.pk))

    def print(self, quiz):
        self.quiz = quiz
        self.enrolment = make_learner_of(self.quiz)
        self.run = self.enrolment.run
        self.trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
        RunTrainer.objects.create(run=self.run, person=self.trainer)
        [self.paper] = draw_papers(
            quiz=self.quiz, run=self.run, count=1, actor=self.trainer, now=timezone.now()
        )

    @property
    def right(self) -> dict[int, str]:
        """What a sheet without a fault says."""
        return {key.number: " ".join(key.right) if key.right else "1" for key in keys_of(self.paper)}

    def enter(self, answers: dict[int, str], **more) -> Attempt:
        asked = {"paper": self.paper, "enrolment": self.enrolment, "actor": self.trainer} | more
        return services.enter_paper(answers=answers, sat_on=timezone.localdate(), now=timezone.now(), **asked)


def test_a_sheet_without_a_fault_earns_everything_and_meets_the_condition():
    room = Room()
    attempt = room.enter(room.right)
    assert (attempt.state, attempt.score, attempt.max_score, attempt.passed) == ("graded", 7, 7, True)
    assert recompute_score(attempt) == 7
    assert CriterionResult.objects.filter(enrolment=room.enrolment).count() == 1
    assert AuditEvent.objects.get(action="attempt.entered").data["variant"] == room.paper.code


def test_wrong_and_empty_places_are_scored_as_on_line():
    room = Room()
    single, short, essay = (place_of(room, kind) for kind in ("single", "short", "essay"))
    attempt = room.enter({single: room.right[single], short: "Huế", essay: "0,5"})
    marks = {row.position: row.mark for row in attempt.questions.all()}
    assert (marks[single], marks[short], marks[essay]) == (1, 0, Decimal("0.50"))
    assert sum(marks.values()) == recompute_score(attempt) == attempt.score == Decimal("1.50")
    assert attempt.questions.filter(answer__isnull=True).count() == 4


def place_of(room: Room, kind: str) -> int:
    return next(question.number for question in questions_of(room.paper) if question.kind == kind)


@pytest.mark.parametrize(
    ("kind", "written"),
    [("single", "Z"), ("single", "AB"), ("multiple", "A1"), ("essay", "2"), ("essay", "hay")],
)
def test_what_does_not_fit_is_told_at_its_question_and_nothing_is_kept(kind, written):
    room = Room()
    place = place_of(room, kind)
    with pytest.raises(services.PaperInvalid) as fault:
        room.enter(room.right | {place: written})
    assert fault.value.place == place and not Attempt.objects.exists()


def test_attempts_are_counted_together_with_those_on_line():
    room = Room()
    type(room.quiz).objects.update(max_attempts=1)
    room.paper.quiz.refresh_from_db()
    begin(room.quiz, room.enrolment)
    with pytest.raises(services.OpenAttempt):
        room.enter(room.right)
    other = make_enrolment(run=room.run, state="in_progress")
    room.enter(room.right, enrolment=other)
    with pytest.raises(NoAttemptsLeft):
        room.enter(room.right, enrolment=other)


def test_others_enter_nothing_and_nobody_the_own_sheet():
    room = Room()
    stranger = make_person(unit=make_unit(), roles=[Role.TRAINER])
    elsewhere = make_learner_of(room.quiz)
    own = make_enrolment(run=room.run, learner=room.trainer, state="in_progress")
    for more in ({"actor": stranger}, {"enrolment": elsewhere}, {"enrolment": own}):
        with pytest.raises(NotAllowed):
            room.enter(room.right, **more)


def test_a_trainer_types_sheet_after_sheet():
    room = Room()
    client = Client()
    client.force_login(room.trainer, backend=settings.AUTHENTICATION_BACKENDS[0])
    url = reverse("assessments:enter_paper", kwargs={"code": room.run.code, "paper_id": room.paper.pk})
    fields = {"enrolment": room.enrolment.pk, "sat_on": timezone.localdate().isoformat()}
    wrong = client.post(url, fields | {f"q{place_of(room, 'single')}": "Z"})
    assert wrong.status_code == 422 and "Z" in wrong.content.decode()
    done = client.post(url, fields | {f"q{number}": text for number, text in room.right.items()}, follow=True)
    page = done.content.decode()
    assert "7/7 điểm" in page and room.enrolment.learner.get_full_name() in page
    assert done.request["QUERY_STRING"].startswith("ngay=")
    late = client.post(url, fields | {"sat_on": "2001-01-01"})
    assert "sat_on" in late.context["form"].errors


# --- Pairs, orders and gaps -------------------------------------------------------------------------------------
SLOTS = ["matching", "ordering", "gaps"]


class SlotRoom(Room):
    """A variant of a pair question, an order and a text with a written and a chosen gap."""

    def __init__(self):
        quiz = make_quiz(singles=1, multiples=0)
        category = quiz.draws.get().category
        for kind in SLOTS:
            SAMPLES[kind].make(category)
        quiz.draws.update(count=4)
        self.print(type(quiz).objects.get(pk=quiz.pk))

    @property
    def right(self) -> dict[int, str]:
        kinds = {question.number: question.kind for question in questions_of(self.paper)}
        return {
            key.number: "; ".join(form.partition(" / ")[0] for form in key.right)
            if kinds[key.number] == "gaps"
            else " ".join(key.right)
            for key in keys_of(self.paper)
        }


def test_pairs_orders_and_gaps_are_printed_without_their_key_and_entered_as_the_sheet_says():
    room = SlotRoom()
    attempt = room.enter(room.right)
    assert (attempt.score, attempt.max_score) == (4, 4) == (recompute_score(attempt), 4)
    trainer = Client()
    trainer.force_login(room.trainer, backend=settings.AUTHENTICATION_BACKENDS[0])
    place = {"code": room.run.code, "paper_id": room.paper.pk}
    sheets = trainer.get(reverse("assessments:printed_sheets", kwargs=place)).content.decode()
    for words in ("Cải cách hành chính", "Bộ Tài chính", "Thẩm định", "Nghệ An", "(1) _____", "(2) _____"):
        assert words in sheets
    assert not any(secret in sheets for secret in SAMPLES["gaps"].secrets)
    key = trainer.get(reverse("assessments:printed_key", kwargs=place)).content.decode()
    assert "THĂNG LONG / ĐÔNG ĐÔ" in key
    assert trainer.get(reverse("assessments:enter_paper", kwargs=place)).status_code == 200


def test_parts_of_them_earn_their_share_however_they_are_written():
    room = SlotRoom()
    pairs, steps, gaps = (place_of(room, kind) for kind in SLOTS)
    first_pair = room.right[pairs].split()[0]
    attempt = room.enter(
        {
            pairs: f" {first_pair[0]} - {first_pair[1:].lower()} ",
            steps: "-".join(room.right[steps].split()).lower(),
            gaps: "(1) đông  đô",
        }
    )
    marks = {row.position: row.mark for row in attempt.questions.all()}
    assert (marks[pairs], marks[steps], marks[gaps]) == (Decimal("0.50"), 1, Decimal("0.50"))
    assert recompute_score(attempt) == attempt.score == 2


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("matching", "9A"),
        ("matching", "1Z"),
        ("matching", "1A và gì đó"),
        ("ordering", "AAB"),
        ("ordering", "ABZ"),
        ("gaps", "Hà Nội"),
        ("gaps", "3 Hà Nội"),
        ("gaps", "2 Z"),
    ],
)
def test_what_does_not_fit_pairs_orders_and_gaps_is_told_at_its_question(kind, written):
    room = SlotRoom()
    place = place_of(room, kind)
    with pytest.raises(services.PaperInvalid) as fault:
        room.enter(room.right | {place: written})
    assert fault.value.place == place and not Attempt.objects.exists()
