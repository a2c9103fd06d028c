"""Item analysis on its pages: which attempts count, who reads what, and where the keys stay."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.analysis import analysis_of
from assessments.item_figures import Flag, Remark
from assessments.models import Question, Quiz
from assessments.services.attempts import submit_attempt
from assessments.services.banks import save_question_version
from cms.groups import ensure_groups
from courses.models import Enrolment, RunTrainer
from lms.organisations.models import Role
from tests.factories.assessments import answer, begin, make_learner_of, make_question, make_quiz, sit
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def quiz() -> Quiz:
    """Four questions with one right choice each, in the order of the bank."""
    quiz = make_quiz(singles=4, multiples=0)
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    quiz.refresh_from_db()
    return quiz


@pytest.fixture
def run(quiz):
    return make_learner_of(quiz).run


@pytest.fixture
def administrator() -> Client:
    return browser_of(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]))


def someone_of(run) -> Enrolment:
    return make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)


def sit_all(quiz, run, scores) -> None:
    for right in scores:
        sit(quiz, someone_of(run), right=right)


def page_of(run, quiz) -> str:
    return reverse("assessments:analysis", kwargs={"code": run.code}) + f"?quiz={quiz.pk}"


def question_page(run, quiz, version_id: int) -> str:
    kwargs = {"code": run.code, "quiz_id": quiz.pk, "version_id": version_id}
    return reverse("assessments:analysis_question", kwargs=kwargs)


def codes(response) -> list[str]:
    return [question.code for question in response.context["page_obj"]]


# --- Which attempts count -----------------------------------------------------------------------------------------
def test_the_first_attempt_of_each_learner_counts_and_an_open_one_does_not(quiz, run):
    now = timezone.now()
    learner = someone_of(run)
    sit(quiz, learner, right=1, now=now - timedelta(minutes=20))
    sit(quiz, learner, right=4, now=now - timedelta(minutes=10))
    sit(quiz, someone_of(run), right=2)
    begin(quiz, someone_of(run))
    figures = analysis_of(quiz, run=run).figures
    assert figures.learners == 2
    assert [item.facility for item in figures.items] == [1, 0.5, 0, 0]


def test_over_all_runs_a_learner_of_two_runs_counts_once_and_in_each_run_for_itself(quiz, run):
    learner = make_person()
    second = make_run(course=run.course)
    for where, right in ((run, 1), (second, 4)):
        enrolment = make_enrolment(run=where, learner=learner, state=Enrolment.State.IN_PROGRESS)
        sit(quiz, enrolment, right=right)
    assert analysis_of(quiz).figures.bands == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert analysis_of(quiz, run=second).figures.learners == 1
    assert analysis_of(quiz, run=second).figures.mean == 1


def test_a_question_written_anew_is_analysed_apart_from_its_old_words(quiz, run):
    sit_all(quiz, run, [4])
    question = Question.objects.order_by("code").first()
    question.stem = "Lời mới?"
    question.save()
    save_question_version(question=question, actor=None, now=timezone.now())
    sit_all(quiz, run, [0])
    analysis = analysis_of(quiz, run=run)
    assert [(found.version.number, found.figures.facility) for found in analysis.questions[:2]] == [
        (1, 1),
        (2, 0),
    ]
    assert Remark.RANDOM_DRAWS in analysis.figures.reliability.remarks
    assert analysis.figures.reliability.items == 3


def test_typed_questions_have_figures_and_no_table_of_choices(administrator, run, quiz):
    category = quiz.draws.get().category
    make_question(category, kind="short", choices=[("Hà Nội", True)])
    quiz.draws.update(count=5)
    attempt = begin(Quiz.objects.get(), someone_of(run))
    submit_attempt(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
    question = analysis_of(quiz, run=run).questions[-1]
    assert question.choices == []
    response = administrator.get(question_page(run, quiz, question.version.pk))
    assert "không có phương án" in response.content.decode()


# --- The pages ------------------------------------------------------------------------------------------------------
def test_the_page_shows_figures_narrows_and_sorts_from_the_address(administrator, quiz, run):
    sit_all(quiz, run, [4] * 4 + [3] * 3 + [1] * 5)
    page = page_of(run, quiz)
    response = administrator.get(page)
    names = codes(response)
    assert len(names) == 4
    assert response.context["figures"].reliability.alpha is not None
    assert "Cronbach" not in response.context["remarks"][0]
    assert codes(administrator.get(f"{page}&sort=-facility"))[0] == names[0]
    assert codes(administrator.get(f"{page}&sort=facility"))[0] == names[3]
    assert codes(administrator.get(f"{page}&flag={Flag.TOO_EASY.value}")) == [names[0]]
    assert codes(administrator.get(f"{page}&q={names[2]}")) == [names[2]]
    assert codes(administrator.get(f"{page}&q=khong-co")) == []
    assert codes(administrator.get(f"{page}&sort=x&flag=y&page=z")) == names


def test_the_page_of_a_quiz_nobody_has_sat_says_so(administrator, quiz, run):
    assert "Chưa có ai nộp bài" in administrator.get(page_of(run, quiz)).content.decode()


def test_a_wrong_key_is_pointed_at_and_the_choice_of_the_best_is_shown(administrator, quiz, run):
    # Of the last question the best take the second choice, the others the key.
    for number in range(15):
        attempt = begin(quiz, someone_of(run))
        best = number < 5
        for position in (1, 2, 3):
            answer(attempt, position, right=best or (number + position) % 3 == 0)
        answer(attempt, 4, right=not best)
        submit_attempt(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
    question = analysis_of(quiz, run=run).questions[3]
    assert question.figures.flags[:2] == [Flag.WRONG_KEY, Flag.NEGATIVE]
    response = administrator.get(question_page(run, quiz, question.version.pk))
    shown = response.context["question"].choices
    assert [(choice.right, choice.taken.top) for choice in shown] == [
        (True, 0),
        (False, 5),
        (False, 0),
        (False, 0),
    ]
    assert "Nhầm đáp án?" in response.content.decode()


def test_the_pages_take_the_same_queries_for_two_learners_and_for_twenty(
    administrator, quiz, run, django_assert_max_num_queries
):
    sit_all(quiz, run, [2, 3])
    version = analysis_of(quiz).questions[0].version
    for more in (0, 18):
        sit_all(quiz, run, [2] * more)
        administrator.get(page_of(run, quiz))
        with django_assert_max_num_queries(20):
            administrator.get(page_of(run, quiz))
        with django_assert_max_num_queries(20):
            administrator.get(question_page(run, quiz, version.pk))
        with django_assert_max_num_queries(12):
            administrator.get(reverse("assessments:quiz_analysis", kwargs={"quiz_id": quiz.pk}))


# --- In the CMS -----------------------------------------------------------------------------------------------------
@pytest.fixture
def author() -> Client:
    ensure_groups()
    return browser_of(make_person(unit=make_unit(), roles=[Role.TRAINER]))


def listed(author, model: str, **query) -> dict:
    """The rows of a CMS list by code, each with its usage."""
    response = author.get(reverse(f"wagtailsnippets_assessments_{model}:list"), query)
    assert response.status_code == 200
    return {row.code: row.usage for row in response.context["object_list"]}


def test_the_list_of_questions_shows_the_figures_of_the_item_analysis(author, quiz, run):
    sit_all(quiz, run, [4] * 4 + [3] * 3 + [2] * 2 + [0] * 5)
    sit(
        quiz, Enrolment.objects.exclude(attempts=None).first(), right=0
    )  # a second attempt counts as asked alone
    begin(quiz, someone_of(run))
    usage = listed(author, "question")
    for question in analysis_of(quiz).questions:
        shown, figures = usage[question.code], question.figures
        assert (shown.asked, shown.learners) == (16, figures.learners) == (16, 14)
        assert shown.facility == pytest.approx(figures.facility)
        assert shown.discrimination == pytest.approx(figures.discrimination)
    page = author.get(reverse("wagtailsnippets_assessments_question:list")).content.decode()
    assert "64%" in page
    bank = listed(author, "questioncategory")[quiz.draws.get().category.code]
    facilities = [question.figures.facility for question in analysis_of(quiz).questions]
    assert (bank.asked, bank.to_look_at) == (64, 0)
    assert bank.facility == pytest.approx(sum(facilities) / 4)


def test_old_words_of_a_question_count_as_asked_and_say_nothing_of_the_new_ones(author, quiz, run):
    sit_all(quiz, run, [4] * 2)
    question = Question.objects.order_by("code").first()
    question.stem = "Lời mới?"
    question.save()
    save_question_version(question=question, actor=None, now=timezone.now())
    usage = listed(author, "question")[question.code]
    assert (usage.asked, usage.learners, usage.facility) == (2, 0, None)


def test_questions_of_few_answers_and_quizzes_of_one_question_have_no_discrimination(author):
    quiz = make_quiz(singles=1, multiples=0)
    run = make_learner_of(quiz).run
    sit_all(quiz, run, [1, 0] * 6)
    other = make_quiz(singles=2, multiples=0)
    sit_all(other, make_learner_of(other).run, [1, 0])
    usage = listed(author, "question")
    assert [(row.learners, row.discrimination) for row in usage.values()] == [
        (12, None),
        (2, None),
        (2, None),
    ]


def test_the_cms_lists_take_the_same_queries_for_two_questions_and_for_twenty(author):
    counts = []
    for singles in (2, 18):
        quiz = make_quiz(singles=singles, multiples=0)
        sit_all(quiz, make_learner_of(quiz).run, [1, 2])
        author.get(reverse("wagtailsnippets_assessments_question:list"))
        counts.append([])
        for model in ("question", "questioncategory"):
            with CaptureQueriesContext(connection) as captured:
                listed(author, model)
            counts[-1].append(len(captured))
    assert counts[0] == counts[1]


# --- Keys -------------------------------------------------------------------------------------------------------------
def statuses(person, run, quiz, version_id) -> list[int]:
    browser = browser_of(person)
    whole = {"quiz_id": quiz.pk}
    return [
        browser.get(address).status_code
        for address in (
            page_of(run, quiz),
            question_page(run, quiz, version_id),
            reverse("assessments:quiz_analysis", kwargs=whole),
            reverse("assessments:quiz_analysis_question", kwargs=whole | {"version_id": version_id}),
        )
    ]


def test_keys_are_read_by_who_teaches_the_run_and_by_the_training_department_alone(quiz, run):
    unit = make_unit()
    learner = make_enrolment(run=run, learner=make_person(unit=unit), state=Enrolment.State.IN_PROGRESS)
    sit(quiz, learner, right=2)
    version_id = analysis_of(quiz).questions[0].version.pk
    trainer, stranger = make_person(roles=[Role.TRAINER]), make_person(roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    asked = run, quiz, version_id
    assert statuses(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]), *asked) == [200, 200, 200, 200]
    assert statuses(trainer, *asked) == [200, 200, 403, 403]
    assert statuses(make_person(roles=[Role.SCHOOL_LEADER]), *asked) == [200, 403, 200, 403]
    assert statuses(stranger, *asked) == [404, 404, 403, 403]
    assert statuses(make_person(unit=unit, roles=[Role.COORDINATOR]), *asked) == [403, 403, 403, 403]
    assert statuses(learner.learner, *asked) == [403, 403, 403, 403]
    assert statuses(make_person(), *asked) == [404, 404, 403, 403]


def test_who_may_not_read_keys_gets_a_list_without_choices_and_without_ways_to_them(quiz, run):
    sit_all(quiz, run, [2, 3])
    page = browser_of(make_person(roles=[Role.SCHOOL_LEADER])).get(page_of(run, quiz)).content.decode()
    assert "Câu hỏi số" in page
    assert "Phương án đúng" not in page
    assert f"/phan-tich/{quiz.pk}/" in page  # over all classes
    assert not any(
        f"/phan-tich/{quiz.pk}/{found.version.pk}/" in page for found in analysis_of(quiz).questions
    )


def test_a_question_of_another_quiz_is_not_found(administrator, quiz, run):
    sit_all(quiz, run, [2])
    version_id = analysis_of(quiz).questions[0].version.pk
    other = make_quiz()
    assert administrator.get(question_page(run, other, version_id)).status_code == 404
    assert administrator.get(question_page(run, quiz, version_id + 1000)).status_code == 404
