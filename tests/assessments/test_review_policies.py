"""What a learner sees after handing in, by the quiz's policy and for every kind: keys reach nobody before their time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, Quiz
from assessments.services.marking import mark_answer, release_marks
from courses.models import Run, RunTrainer
from lms.organisations.models import Role
from tests.factories.assessments import begin
from tests.factories.courses import make_enrolment, make_run
from tests.factories.kinds import SAMPLES
from tests.factories.organisations import make_person, make_unit

from .test_kinds import Sitting

pytestmark = pytest.mark.django_db
KINDS = sorted(SAMPLES)
Review = Quiz.Review


def handed_in(kind: str, review: str, **fields) -> Sitting:
    """A graded sitting, without an answer where that can be: nothing of one's own can be mistaken for the key."""
    sitting = Sitting(kind)
    if kind == "essay":
        sitting.save({"text": "Bài viết."})
    Quiz.objects.filter(pk=sitting.quiz.pk).update(review=review, **fields)
    sitting.hand_in()
    if sitting.attempt.state == Attempt.State.SUBMITTED:
        run = sitting.attempt.enrolment.run
        trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
        RunTrainer.objects.create(run=run, person=trainer)
        points = {row["id"]: Decimal(0) for row in sitting.row.version.content.get("rubric", ())}
        mark_answer(
            row=sitting.row, actor=trainer, now=timezone.now(), points=points or None,
            mark=None if points else Decimal(0), comment="LỜI NHẬN XÉT",
        )  # fmt: skip
        release_marks(quiz=sitting.quiz, run=run, actor=trainer, now=timezone.now())
    return sitting


def told(kind: str) -> list[str]:
    """Words of the key and of what explains it. A rubric is for markers at every time."""
    secrets = {"essay": [], "number": ["731,25", "731.25"]}.get(kind, SAMPLES[kind].secrets)
    return [*secrets, f"GIẢI THÍCH {kind}"]


def leaks(sitting: Sitting, kind: str) -> list[str]:
    """What of the key any address of the attempt gives."""
    texts = [
        sitting.client.get(sitting.url(name), follow=True).content.decode()
        for name in ("result", "attempt", "clock")
    ]
    front = {"quiz_id": sitting.quiz.pk, "enrolment_id": sitting.attempt.enrolment_id}
    texts.append(sitting.client.get(reverse("assessments:quiz", kwargs=front)).content.decode())
    texts.append(sitting.client.post(sitting.url("open_tab")).content.decode())
    return [
        word
        for word in [*told(kind), "review__choice--right", "review__slots", "TIÊU CHÍ"]
        if any(word in text for text in texts)
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("review", [Review.NEVER, Review.OWN_ANSWERS, Review.AFTER_CLOSE])
def test_no_key_is_told_before_its_time(kind, review):
    assert leaks(handed_in(kind, review), kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_own_answers_are_shown_with_their_marks(kind):
    page = handed_in(kind, Review.OWN_ANSWERS).page("result")
    assert "Bài làm của anh/chị" in page
    assert "0/1 điểm" in page and "không công bố đáp án" in page
    assert ("LỜI NHẬN XÉT" in page) == (kind == "essay")


@pytest.mark.parametrize("kind", KINDS)
def test_all_is_shown_once_the_quiz_is_closed_for_everybody(kind):
    sitting = handed_in(kind, Review.AFTER_CLOSE, closes_at=timezone.now() + timedelta(hours=1))
    assert "được công bố ở đây từ" in sitting.page("result") and leaks(sitting, kind) == []
    Quiz.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    assert f"GIẢI THÍCH {kind}" in leaks(sitting, kind)  # and the search for leaks does find one
    if kind in ("short", "number"):
        assert set(told(kind)) & set(leaks(sitting, kind)) > {f"GIẢI THÍCH {kind}"}
    if kind in ("matching", "ordering", "gaps"):
        assert "review__slots" in leaks(sitting, kind)
    if kind in ("single", "multiple", "true_false"):
        assert "review__choice--right" in leaks(sitting, kind)


def test_it_waits_for_the_last_one_who_was_given_more_time():
    sitting = handed_in("single", Review.AFTER_CLOSE)
    late = begin(sitting.quiz, make_enrolment(run=sitting.attempt.enrolment.run, state="in_progress"))
    Quiz.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    assert leaks(sitting, "single") == [] and "được thêm giờ" in sitting.page("result")
    Attempt.objects.filter(pk=late.pk).update(
        state="graded", submitted_at=timezone.now(), score=0, passed=False
    )
    assert "GIẢI THÍCH single" in sitting.page("result")


def test_without_a_window_it_waits_until_every_open_class_of_the_course_is_over():
    sitting = handed_in("single", Review.AFTER_CLOSE)
    assert leaks(sitting, "single") == []
    run = sitting.attempt.enrolment.run
    later = make_run(course=run.course)
    yesterday = timezone.localdate() - timedelta(days=1)
    Run.objects.filter(pk=run.pk).update(
        opens_on=yesterday - timedelta(days=9), due_on=yesterday, closes_on=yesterday
    )
    assert leaks(sitting, "single") == [] and "được công bố ở đây từ" in sitting.page("result")
    Run.objects.filter(pk=later.pk).update(state=Run.State.FINISHED)
    assert "GIẢI THÍCH single" in sitting.page("result")


@pytest.mark.parametrize("review", [Review.OWN_ANSWERS, Review.AFTER_SUBMIT])
def test_beside_an_open_attempt_nothing_is_shown(review):
    """Marks of one's own answers would tell what is right as keys do."""
    sitting = handed_in("single", review)
    begin(sitting.quiz, sitting.attempt.enrolment)
    page = sitting.page("result")
    assert "GIẢI THÍCH" not in page and "review__question" not in page
    assert "lượt đang làm" in page
