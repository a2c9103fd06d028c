"""Regrading: who would change is shown first, marks follow the corrected key, passes stay."""

from decimal import Decimal

import pytest
from django.utils import timezone

from assessments.analysis import analysis_of
from assessments.models import Attempt, KeyCorrection, QuestionVersion, Quiz
from assessments.reviews import review_of
from assessments.services import attempts as sitting
from assessments.services import regrading
from assessments.services.attempts import submit_attempt
from assessments.services.quizzes import put_quiz
from assessments.services.regrading import KeyUnfit, correct_key, preview_regrade
from courses.models import CriterionResult
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import MULTIPLE, answer, begin, make_learner_of, make_question, sit
from tests.factories.organisations import make_person

from .regraded import FULL, agrees, corrected, fixed_quiz, key, other_choice, someone_of, version_at


@pytest.fixture
def quiz(db) -> Quiz:
    """Four questions in the order of the bank; half of the marks pass."""
    return fixed_quiz()


@pytest.fixture
def run(quiz):
    return make_learner_of(quiz).run


@pytest.fixture
def administrator(db):
    return make_person(roles=[Role.SCHOOL_ADMINISTRATOR])


# --- Marks --------------------------------------------------------------------------------------------------------
def test_the_corrected_key_moves_the_marks_and_a_pass_by_it_meets_the_condition(quiz, run, administrator):
    failed = sit(quiz, someone_of(run), right=1)  # one right, three on the first wrong choice
    assert not failed.passed
    version = version_at(quiz, 2)
    counts = corrected(quiz, version, key(other_choice(version)), administrator)
    assert agrees(failed)
    assert (failed.score, failed.passed, counts["changed"]) == (2, True, 1)
    assert CriterionResult.objects.get().enrolment_id == failed.enrolment_id
    failed.enrolment.refresh_from_db()
    event = AuditEvent.objects.get(action="attempt.regraded")
    assert event.actor_id == administrator.pk
    assert event.data | {"correction": 0} == {
        "correction": 0, "question": version.question.code, "version": 1, "mark": ["0.00", "1.00"],
        "score": ["1.00", "2.00"], "passed": [False, True], "reason": "Đáp án sai",
    }  # fmt: skip
    assert AuditEvent.objects.filter(action="key.corrected").count() == 1


def test_the_preview_is_what_happens_and_changes_nothing(quiz, run, administrator):
    for right in (0, 1, 2, 3, 4, 2):
        sit(quiz, someone_of(run), right=right)
    begin(quiz, someone_of(run))
    version = version_at(quiz, 2)
    asked = key(other_choice(version))
    before = list(Attempt.objects.order_by("pk").values("score", "passed"))
    preview = preview_regrade(quiz=quiz, version=version, correction=asked, actor=administrator)
    assert list(Attempt.objects.order_by("pk").values("score", "passed")) == before
    assert not KeyCorrection.objects.exists()
    # 0 → 1, 1 → 2 passes, 3 → 2 still passes, 4 → 3, and both of two marks would fall to one and lose their pass.
    assert (len(preview.changes), preview.gain_pass, preview.kept, preview.lose_pass, preview.open) == (
        6,
        1,
        2,
        0,
        1,
    )
    counts = corrected(quiz, version, asked, administrator)
    assert (counts["changed"], counts["kept"], counts["open"]) == (4, 2, 1)
    for change in preview.changes:
        after = Attempt.objects.get(pk=change.attempt.pk)
        assert agrees(after)
        if change.kept:
            assert (after.score, after.passed) == (change.attempt.score, True)
        else:
            assert (after.score, after.passed) == (change.new_score, change.new_passed)


def test_nobody_loses_a_pass_unless_it_was_chosen_so(quiz, run, administrator):
    passed = sit(quiz, someone_of(run), right=2)
    version = version_at(quiz, 2)
    asked = key(other_choice(version))
    assert corrected(quiz, version, asked, administrator)["kept"] == 1
    assert agrees(passed)
    assert (passed.score, passed.passed) == (2, True)
    result = CriterionResult.objects.get()
    corrected(
        quiz, version, key(other_choice(version), other_choice(version, 1), may_fail=True), administrator
    )
    assert agrees(passed)
    assert (passed.score, passed.passed) == (1, False)
    assert CriterionResult.objects.get() == result  # what a pass has led to stays


def test_everybody_gets_the_mark_of_a_question_withdrawn(quiz, run, administrator):
    blank = begin(quiz, someone_of(run))
    submit_attempt(attempt=blank, actor=blank.enrolment.learner, now=timezone.now())
    full = sit(quiz, someone_of(run), right=4)
    version = version_at(quiz, 3)
    counts = corrected(quiz, version, FULL, administrator)
    assert (counts["changed"], counts["same_mark"]) == (1, 1)
    assert agrees(blank)
    assert agrees(full)
    assert (blank.score, full.score) == (1, 4)
    assert [question.everybody_got_it for question in review_of(blank, now=timezone.now())] == [
        False,
        False,
        True,
        False,
    ]


def test_of_one_right_choice_several_may_be_accepted(quiz, run, administrator):
    first, second = sit(quiz, someone_of(run), right=2), sit(quiz, someone_of(run), right=1)
    version = version_at(quiz, 2)
    own = version.content["key"][0]
    corrected(quiz, version, key(own, other_choice(version)), administrator)
    assert agrees(first)
    assert agrees(second)
    assert (first.score, second.score) == (2, 2)


def test_part_marks_and_typed_answers_follow_their_corrected_keys(administrator):
    quiz = fixed_quiz(singles=0, multiples=1)
    category = quiz.draws.get().category
    make_question(category, code="ZZ1", kind="number", choices=[("63", True)])
    make_question(category, code="ZZ2", kind="short", choices=[("Hà Nội", True)])
    quiz.draws.update(count=3)
    quiz = Quiz.objects.get(pk=quiz.pk)
    attempt = begin(quiz, make_learner_of(quiz))
    rows = {row.position: row for row in attempt.questions.select_related("version")}
    several = rows[1].version
    right = several.content["key"]
    for position, written in (
        (1, {"choices": [right[0], other_choice(several)]}),
        (2, {"text": "34"}),
        (3, {"text": "ha noi"}),
    ):
        sitting.save_answer(
            attempt_id=attempt.public_id, position=position, answer=written, sequence=1,
            tab_token=attempt.tab_token, actor=attempt.enrolment.learner, now=timezone.now(),
        )  # fmt: skip
    submit_attempt(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
    attempt.refresh_from_db()
    assert attempt.score == 0
    assert len(MULTIPLE) == len(several.content["choices"])
    corrected(quiz, several, key(right[0], other_choice(several), other_choice(several, 1)), administrator)
    assert agrees(attempt)
    assert attempt.score == Decimal("0.67")
    corrected(quiz, rows[2].version, key("63", "34"), administrator)
    corrected(quiz, rows[3].version, key("Hà Nội", rules={"matching": "marks"}), administrator)
    assert agrees(attempt)
    assert attempt.score == Decimal("2.67")


def test_the_key_of_another_quiz_and_the_frozen_words_stay_as_they_were(quiz, run, administrator):
    sit(quiz, someone_of(run), right=1)
    version = version_at(quiz, 2)
    content = version.content
    category = quiz.draws.get().category
    other = put_quiz(
        module=quiz.module, title="Bài khác", draws=[(category, "", 4)], actor=None, now=timezone.now()
    )
    Quiz.objects.filter(pk=other.pk).update(shuffle=False)
    there = sit(Quiz.objects.get(pk=other.pk), someone_of(run), right=1)
    corrected(quiz, version, key(other_choice(version)), administrator)
    there.refresh_from_db()
    assert there.score == 1
    assert QuestionVersion.objects.get(pk=version.pk).content == content


def test_what_is_handed_in_after_the_correction_is_marked_by_it(quiz, run, administrator):
    sit(quiz, someone_of(run), right=0)
    version = version_at(quiz, 1)
    running = begin(quiz, someone_of(run))
    corrected(quiz, version, key(other_choice(version)), administrator)
    answer(running, 1, right=False)
    submit_attempt(attempt=running, actor=running.enrolment.learner, now=timezone.now())
    assert agrees(running)
    assert running.score == 1
    assert [choice.right for choice in review_of(running, now=timezone.now())[0].choices] == [
        False,
        True,
        False,
    ]


def test_the_item_analysis_shows_the_corrected_key(quiz, run, administrator):
    sit(quiz, someone_of(run), right=0)
    version = version_at(quiz, 1)
    corrected(quiz, version, key(other_choice(version)), administrator)
    question = analysis_of(quiz).questions[0]
    assert [choice.right for choice in question.choices] == [False, True, False, False]
    assert question.figures.facility == 1


# --- Keys that cannot be ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("which", ["none", "all", "unknown", "same"])
def test_a_key_that_cannot_be_one_is_refused(quiz, run, administrator, which):
    sit(quiz, someone_of(run), right=1)
    version = version_at(quiz, 1)
    ids = [choice["id"] for choice in version.content["choices"]]
    asked = {"none": [], "all": ids, "unknown": [ids[0], "khong-co"], "same": version.content["key"]}[which]
    with pytest.raises(KeyUnfit):
        correct_key(
            quiz=quiz,
            version=version,
            correction=key(*asked),
            reason="Sai",
            actor=administrator,
            now=timezone.now(),
        )
    assert not KeyCorrection.objects.exists()


def test_a_reason_is_asked_for(quiz, run, administrator):
    sit(quiz, someone_of(run), right=1)
    with pytest.raises(regrading.ReasonMissing):
        corrected(quiz, version_at(quiz, 1), FULL, administrator, reason="  ")
    assert not KeyCorrection.objects.exists()
