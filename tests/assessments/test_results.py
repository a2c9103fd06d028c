"""Results of a class's quizzes, and how a quiz stands in the outline of its course."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.criteria import QuizCriterion
from assessments.services.attempts import submit_attempt
from courses.models import Criterion, Enrolment
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_learner_of, make_quiz, sit
from tests.factories.courses import make_enrolment
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def quiz():
    return make_quiz(singles=4, multiples=0)


@pytest.fixture
def first(quiz):
    return make_learner_of(quiz)


@pytest.fixture
def administrator() -> Client:
    return browser_of(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]))


def url(run) -> str:
    return reverse("assessments:results", kwargs={"code": run.code})


def names(response) -> list[str]:
    return [enrolment.learner.get_full_name() for enrolment in response.context["page_obj"]]


def test_the_best_attempt_counts_and_figures_are_of_the_shown_learners(administrator, quiz, first):
    sit(quiz, first, right=1)
    sit(quiz, first, right=3)
    second = make_enrolment(run=first.run, state=Enrolment.State.IN_PROGRESS)
    sit(quiz, second, right=1)
    make_enrolment(run=first.run)
    make_enrolment(run=first.run, state=Enrolment.State.WITHDRAWN)
    response = administrator.get(url(first.run))
    rows = {row.learner_id: row for row in response.context["page_obj"]}
    assert len(rows) == 3
    best = rows[first.learner_id]
    assert (best.counted_score, best.out_of, best.attempts_used, best.passes) == (3, 4, 2, 1)
    figures = response.context["figures"]
    assert (figures.learners, figures.begun, figures.passed, figures.mean_percent) == (3, 2, 1, 50)


def test_the_list_is_narrowed_and_sorted_from_the_address(administrator, quiz, first):
    people = ["Đặng Thị Ánh", "Lê Văn Bình", "Phạm Thu Cúc"]
    learners = [
        make_enrolment(run=first.run, learner=make_person(name, unit=make_unit()), state="in_progress")
        for name in people
    ]
    sit(quiz, learners[0], right=4)
    sit(quiz, learners[1], right=0)
    page = url(first.run)
    assert names(administrator.get(page, {"q": "dang thi anh"})) == [people[0]]
    assert names(administrator.get(page, {"outcome": "passed"})) == [people[0]]
    assert names(administrator.get(page, {"outcome": "failed"})) == [people[1]]
    assert people[2] in names(administrator.get(page, {"outcome": "none"}))
    assert names(administrator.get(page, {"sort": "-score"}))[0] == people[0]
    assert names(administrator.get(page, {"q": "khong co ai"})) == []
    assert administrator.get(page, {"sort": "x", "outcome": "y", "page": "z", "quiz": "0"}).status_code == 200


def test_a_coordinator_reads_the_own_subtree_only(quiz, first):
    here, there = make_unit(), make_unit()
    own = make_enrolment(run=first.run, learner=make_person("Trần Thị Nhà", unit=make_unit(parent=here)))
    make_enrolment(run=first.run, learner=make_person("Trần Thị Khác", unit=there))
    coordinator = browser_of(make_person(unit=here, roles=[Role.COORDINATOR]))
    response = coordinator.get(url(first.run))
    assert names(response) == [own.learner.get_full_name()]
    assert response.context["figures"].learners == 1
    assert "Khác" not in response.content.decode()
    index = coordinator.get(reverse("assessments:results_index"))
    assert [(run.code, run.learners) for run in index.context["page_obj"]] == [(first.run.code, 1)]
    elsewhere = browser_of(make_person(unit=make_unit(), roles=[Role.COORDINATOR]))
    assert elsewhere.get(url(first.run)).status_code == 404
    assert not elsewhere.get(reverse("assessments:results_index")).context["page_obj"].object_list


def test_the_lists_take_the_same_queries_for_two_learners_and_for_twenty(
    administrator, quiz, first, django_assert_max_num_queries
):
    sit(quiz, first, right=2)
    for count in (1, 18):
        for _ in range(count):
            sit(quiz, make_enrolment(run=first.run, state=Enrolment.State.IN_PROGRESS), right=2)
        administrator.get(url(first.run))
        with django_assert_max_num_queries(20):
            administrator.get(url(first.run))
        with django_assert_max_num_queries(14):
            administrator.get(reverse("assessments:results_index"))


# --- In the outline -------------------------------------------------------------------------------------------
def tone(enrolment) -> str:
    criterion = Criterion.objects.get(kind="quiz", course=enrolment.run.course)
    return QuizCriterion().states(enrolment, [criterion])[criterion.pk].tone


def test_the_outline_says_how_the_quiz_stands(first):
    quiz = make_quiz(singles=4, multiples=0, max_attempts=2)
    enrolment = make_learner_of(quiz)
    assert tone(enrolment) == "neutral"
    attempt = begin(quiz, enrolment)
    assert tone(enrolment) == "warning"
    submit_attempt(attempt=attempt, actor=enrolment.learner, now=timezone.now())
    assert tone(enrolment) == "warning"
    failed = make_learner_of(quiz)
    for _ in range(2):
        sit(quiz, failed, right=0)
    assert tone(failed) == "danger"
    sit(quiz, enrolment, right=4)
    assert tone(enrolment) == "success"


def test_an_attempt_whose_time_is_over_is_not_called_open():
    quiz = make_quiz(max_attempts=1)
    enrolment = make_learner_of(quiz)
    begin(quiz, enrolment, now=timezone.now() - timedelta(hours=3))
    assert tone(enrolment) == "danger"


def test_states_of_many_quizzes_take_three_queries(first, django_assert_num_queries):
    module = first.run.course.get_children().first().specific
    for _ in range(3):
        make_quiz(module=module, singles=1, multiples=0)
    criteria = list(Criterion.objects.filter(course=first.run.course))
    assert len(criteria) == 4
    with django_assert_num_queries(3):
        assert len(QuizCriterion().states(first, criteria)) == 4
