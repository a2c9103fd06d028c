"""Marking what is written: one marker or two, rubric, anonymity, and the release of a class's marks together."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Attempt, Marking, Quiz
from assessments.permissions import NoAttemptsLeft, WaitForMarks, why_not_start
from assessments.services import marking as services
from assessments.services.attempts import submit_attempt
from assessments.services.grading import agreed_mark, recompute_score
from courses.models import CriterionResult, RunTrainer
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.users.holdings import sheets_of
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz
from tests.factories.courses import make_course, make_enrolment
from tests.factories.kinds import hand_in, make_essay_quiz
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def essay_quiz(**settings):
    return make_essay_quiz(make_course(modules=1, lessons=1).get_children().get().specific, **settings)


def trainer_of(run, name: str = "Lê Thị Chấm"):
    person = make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=person)
    return person


class Classroom:
    """A class with an essay quiz, so many papers handed in, and its trainers."""

    def __init__(self, *, papers: int = 1, **settings):
        self.quiz = essay_quiz(**settings)
        first = make_learner_of(self.quiz)
        self.run = first.run
        self.enrolments = [first]
        for _ in range(papers - 1):
            self.enrolments.append(make_enrolment(run=self.run, state="in_progress"))
        self.rows = [hand_in(self.quiz, enrolment) for enrolment in self.enrolments]
        self.trainers = [trainer_of(self.run), trainer_of(self.run)]

    def give(self, mark, *, row: int = 0, by: int = 0, **more):
        mark = None if mark is None else Decimal(mark)
        return services.mark_answer(
            row=self.rows[row], actor=self.trainers[by], now=timezone.now(), mark=mark, **more
        )

    def release(self):
        return services.release_marks(
            quiz=self.quiz, run=self.run, actor=self.trainers[0], now=timezone.now()
        )

    def attempt(self, row: int = 0) -> Attempt:
        return Attempt.objects.get(pk=self.rows[row].attempt_id)

    def mark(self, row: int = 0):
        self.rows[row].refresh_from_db()
        return self.rows[row].mark

    def client(self, person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    def url(self, name: str, row: int | None = None) -> str:
        more = {} if row is None else {"pk": self.rows[row].pk}
        return reverse(f"assessments:{name}", kwargs={"code": self.run.code, **more})


# --- States ----------------------------------------------------------------------------------------------------
def test_what_was_written_waits_for_a_marker_and_what_was_chosen_is_marked_at_once():
    room = Classroom(singles=2)
    attempt = room.attempt()
    assert (attempt.state, attempt.score, attempt.passed) == (Attempt.State.SUBMITTED, None, None)
    assert sorted(str(row.mark) for row in attempt.questions.all()) == ["1.00", "1.00", "None"]
    assert recompute_score(attempt) is None
    assert isinstance(
        why_not_start(quiz=room.quiz, enrolment=room.enrolments[0], now=timezone.now()), WaitForMarks
    )


def test_an_essay_left_empty_earns_nothing_and_waits_for_nobody():
    quiz = essay_quiz()
    enrolment = make_learner_of(quiz)
    hand_in(quiz, enrolment, essay="  ")
    assert Attempt.objects.get().state == Attempt.State.GRADED and Attempt.objects.get().score == 0


def test_released_marks_make_the_score_meet_the_condition_of_the_course_and_are_never_changed_again():
    room = Classroom(singles=1)
    room.give("3")
    assert not CriterionResult.objects.filter(enrolment=room.enrolments[0]).exists()
    assert room.release() == services.Released(graded=1, waiting=0)
    attempt = room.attempt()
    assert (attempt.state, attempt.score, attempt.max_score, attempt.passed) == ("graded", 4, 5, True)
    assert recompute_score(attempt) == 4
    assert CriterionResult.objects.filter(enrolment=room.enrolments[0]).count() == 1
    with pytest.raises(services.MarksReleased):
        room.give("1")
    assert room.release() == services.Released(graded=0, waiting=0)
    assert AuditEvent.objects.filter(action="attempt.graded").count() == 1


def test_papers_with_a_mark_missing_stay_while_the_others_are_released():
    room = Classroom(papers=2)
    room.give("4", row=1)
    assert room.release() == services.Released(graded=1, waiting=1)
    assert [room.attempt(n).state for n in (0, 1)] == ["submitted", "graded"]


def test_the_last_attempt_being_marked_is_no_attempt_failed():
    room = Classroom(max_attempts=1)
    refusal = why_not_start(quiz=room.quiz, enrolment=room.enrolments[0], now=timezone.now())
    assert isinstance(refusal, WaitForMarks)
    room.give("0")
    room.release()
    refusal = why_not_start(quiz=room.quiz, enrolment=room.enrolments[0], now=timezone.now())
    assert isinstance(refusal, NoAttemptsLeft)


# --- Marks -----------------------------------------------------------------------------------------------------
def test_a_marker_changes_the_own_mark_until_the_release():
    room = Classroom()
    room.give("1")
    room.give("3.5", comment="Đủ ý.")
    assert Marking.objects.count() == 1 and room.mark() == Decimal("3.50")
    assert AuditEvent.objects.filter(action="answer.marked").count() == 2


@pytest.mark.parametrize("mark", ["-0.01", "4.01", None])
def test_a_mark_beyond_the_question_is_refused(mark):
    room = Classroom()
    with pytest.raises(services.MarkInvalid) as fault:
        room.give(mark)
    assert fault.value.place == "mark" and Marking.objects.count() == 0


def test_a_rubric_gives_the_mark_as_its_share_and_names_the_criterion_at_fault():
    room = Classroom(rubric=True)
    first, second = (row["id"] for row in room.rows[0].version.content["rubric"])
    room.give(None, points={first: Decimal(6), second: Decimal(1)})
    assert room.mark() == Decimal("2.80")
    with pytest.raises(services.MarkInvalid) as fault:
        room.give(None, points={first: Decimal(7), second: Decimal(1)})
    assert fault.value.place == first
    with pytest.raises(services.MarkInvalid) as fault:
        room.give(None, points={first: Decimal(6)})
    assert fault.value.place == second


def test_two_markers_that_agree_give_their_mean_and_one_alone_gives_none():
    room = Classroom(markers=2)
    room.give("3")
    assert room.mark() is None
    room.give("3.4", by=1)
    assert room.mark() == Decimal("3.20")


def test_two_markers_that_differ_wait_for_a_decision_with_its_reason():
    room = Classroom(markers=2)
    room.give("1")
    room.give("4", by=1)
    assert room.mark() is None and room.release().waiting == 1
    decide = {"row": room.rows[0], "actor": room.trainers[1], "now": timezone.now(), "mark": Decimal(2)}
    with pytest.raises(services.MarkInvalid):
        services.decide_mark(**decide, comment=" ")
    services.decide_mark(**decide, comment="Hai giảng viên đã trao đổi.")
    assert room.mark() == 2 and room.release().graded == 1
    event = AuditEvent.objects.get(action="answer.decided")
    assert event.data["comment"] == "Hai giảng viên đã trao đổi."


def test_a_third_marker_is_not_asked_and_the_school_alone_changes_marks_that_agree():
    room = Classroom(markers=2)
    room.give("3")
    room.give("3", by=1)
    third = trainer_of(room.run)
    school = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    give = {"row": room.rows[0], "now": timezone.now(), "mark": Decimal(4)}
    with pytest.raises(NotAllowed):
        services.mark_answer(**give, actor=third)
    with pytest.raises(NotAllowed):
        services.decide_mark(**give, actor=third, comment="Theo tôi.")
    services.decide_mark(**give, actor=school, comment="Phúc khảo.")
    assert room.mark() == 4


def test_nobody_marks_the_own_answer_nor_one_of_another_class():
    room = Classroom()
    learner = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    room.rows = [hand_in(room.quiz, make_enrolment(run=room.run, learner=learner, state="in_progress"))]
    for person in (learner, make_person(unit=make_unit(), roles=[Role.TRAINER])):
        with pytest.raises(NotAllowed):
            services.mark_answer(row=room.rows[0], actor=person, now=timezone.now(), mark=Decimal(4))


MARK = st.decimals(0, 4, places=2)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=MARK, second=MARK, decided=st.none() | MARK)
def test_the_stored_mark_is_always_what_the_markings_make_and_the_score_what_the_marks_make(
    first, second, decided
):
    room = Classroom(markers=2, singles=1)
    room.give(first)
    room.give(second, by=1)
    if decided is not None and abs(first - second) > Decimal("0.4"):
        services.decide_mark(
            row=room.rows[0], actor=room.trainers[0], now=timezone.now(), mark=decided, comment="Thống nhất."
        )
    row = room.rows[0]
    row.refresh_from_db()
    assert row.mark == agreed_mark(row, markers=2)
    room.release()
    attempt = room.attempt()
    assert attempt.score == recompute_score(attempt)
    assert (attempt.state == "graded") == (row.mark is not None)
    for one in list(Marking.objects.all()):
        one.delete()
    for one in Attempt.objects.all():
        one.questions.all().delete()
    Attempt.objects.all().delete()


# --- Pages -----------------------------------------------------------------------------------------------------
def test_a_marker_goes_from_answer_to_answer_and_releases_what_is_marked():
    room = Classroom(papers=2)
    client = room.client(room.trainers[0])
    page = client.get(room.url("marking"))
    assert page.context["figures"].for_me == 2
    names = [enrolment.learner.get_full_name() for enrolment in room.enrolments]
    assert not any(name in page.content.decode() for name in names)
    first, second = (shown.row for shown in page.context["answers"])
    url = reverse("assessments:mark_answer", kwargs={"code": room.run.code, "pk": first.pk})
    asked = client.get(url)
    assert "Bài làm của tôi." in asked.content.decode()
    assert not any(name in asked.content.decode() for name in names)
    wrong = client.post(url, {"mark": "9", "comment": ""})
    assert wrong.status_code == 422 and "mark" in wrong.context["form"].errors
    done = client.post(url, {"mark": "2,5", "comment": "Cần nêu số liệu."})
    assert done.url.startswith(
        reverse("assessments:mark_answer", kwargs={"code": room.run.code, "pk": second.pk})
    )
    done = client.post(done.url, {"mark": "4", "comment": ""})
    assert done.url.startswith(room.url("marking"))
    client.post(room.url("release_marks"), {"quiz": room.quiz.pk})
    assert [room.attempt(n).state for n in (0, 1)] == ["graded", "graded"]
    assert client.get(room.url("marking")).context["figures"].answers == 0
    assert client.get(url).status_code == 404


def test_nothing_of_the_marks_reaches_the_learner_before_their_release():
    room = Classroom()
    room.give("2.75", comment="LỜI PHÊ")
    learner = room.client(room.enrolments[0].learner)
    attempt = room.attempt()
    pages = [
        reverse("assessments:result", kwargs={"public_id": attempt.public_id}),
        reverse("assessments:quiz", kwargs={"quiz_id": room.quiz.pk, "enrolment_id": room.enrolments[0].pk}),
    ]
    before = [learner.get(url).content.decode() for url in pages]
    assert all("2,75" not in page and "LỜI PHÊ" not in page and "Đang chấm" in page for page in before)
    room.release()
    after = learner.get(pages[0]).content.decode()
    assert "2,75" in after and "LỜI PHÊ" in after


def test_the_second_marker_does_not_see_the_first_mark_until_both_are_given():
    room = Classroom(markers=2)
    room.give("1.25", comment="LỜI PHÊ")
    other = room.client(room.trainers[1])
    for url in (room.url("marking"), room.url("mark_answer", 0)):
        page = other.get(url).content.decode()
        assert "1,25" not in page and "LỜI PHÊ" not in page
    other.post(room.url("mark_answer", 0), {"mark": "4", "comment": ""})
    page = other.get(room.url("mark_answer", 0)).content.decode()
    assert "1,25" in page and "LỜI PHÊ" in page
    other.post(room.url("mark_answer", 0), {"mark": "2", "comment": "Trao đổi thống nhất"})
    assert room.mark() == 2


def test_names_are_shown_where_the_quiz_says_so():
    room = Classroom(anonymous_marking=False)
    page = room.client(room.trainers[0]).get(room.url("marking")).content.decode()
    assert room.enrolments[0].learner.get_full_name() in page


def test_the_queue_is_filtered_and_costs_the_same_whatever_its_length():
    room = Classroom(papers=4)
    client = room.client(room.trainers[0])
    client.get(room.url("marking"))
    room.give("4")
    counted = len(client.get(room.url("marking"), {"state": "waiting"}).context["answers"])
    assert counted == 3
    assert len(client.get(room.url("marking"), {"state": "marked"}).context["answers"]) == 1
    with CaptureQueriesContext(connection) as many:
        client.get(room.url("marking"))
    for row in room.rows[1:3]:
        services.mark_answer(row=row, actor=room.trainers[1], now=timezone.now(), mark=Decimal(4))
    room.release()
    room.give("1", row=3)
    with CaptureQueriesContext(connection) as few:
        client.get(room.url("marking"))
    assert len(many) == len(few) <= 32


def test_a_wrong_choice_costs_what_the_quiz_says_but_the_score_never_falls_below_nothing():
    quiz = make_quiz(singles=3, multiples=0)
    Quiz.objects.filter(pk=quiz.pk).update(penalty_percent=50)
    quiz = Quiz.objects.get(pk=quiz.pk)
    for right, score in ([True, False, None], Decimal("0.50")), ([False, False, False], Decimal(0)):
        enrolment = make_learner_of(quiz)
        attempt = begin(quiz, enrolment)
        for position, one in enumerate(right, 1):
            if one is not None:
                answer(attempt, position, right=one)
        done = submit_attempt(attempt=attempt, actor=enrolment.learner, now=timezone.now())
        assert done.score == score == recompute_score(done)


def test_ones_own_essays_are_handed_out_with_mark_and_comment_once_released_and_open_ones_do_no_harm():
    room = Classroom(papers=2)
    begin(room.quiz, make_enrolment(run=room.run, learner=make_person(unit=make_unit()), state="in_progress"))
    learner = room.enrolments[0].learner
    room.give("2.5", comment="LỜI PHÊ")

    def essays(person) -> list:
        return next(list(sheet.rows) for sheet in sheets_of(person) if sheet.name == "Bài tự luận đã viết")

    assert [row[-2:] for row in essays(learner)] == [[None, ""]]
    room.release()
    assert [row[3:] for row in essays(learner)] == [["Bài làm của tôi.", Decimal("2.50"), "LỜI PHÊ"]]
    other = Attempt.objects.open().get().enrolment.learner
    assert essays(other) == []
