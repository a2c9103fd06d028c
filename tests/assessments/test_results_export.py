"""Results of a quiz as a workbook: all that was filtered, real numbers and times, and nothing a spreadsheet would run."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from assessments.models import Quiz
from courses.models import Enrolment
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_learner_of, make_quiz, sit
from tests.factories.courses import make_enrolment
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
HEADING_ROW = 4


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def quiz() -> Quiz:
    quiz = make_quiz(singles=4, multiples=0)
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    return Quiz.objects.get(pk=quiz.pk)


@pytest.fixture
def administrator() -> Client:
    return browser_of(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]))


def learner(run, name: str, **fields) -> Enrolment:
    return make_enrolment(run=run, learner=make_person(name, **fields), state=Enrolment.State.IN_PROGRESS)


def book_of(browser: Client, run, **query):
    response = browser.get(reverse("assessments:results_export", kwargs={"code": run.code}), query)
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def table(sheet, *, heading_row: int = HEADING_ROW) -> list[dict]:
    rows = list(sheet.iter_rows(min_row=heading_row, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_every_learner_stands_there_with_numbers_and_times_as_such(administrator, quiz):
    first = make_learner_of(quiz)
    began = timezone.now() - timedelta(hours=2)
    sit(quiz, first, right=1, now=began)
    sit(quiz, first, right=3, now=began + timedelta(hours=1))
    for _ in range(35):  # more than a page
        make_enrolment(run=first.run)
    book = book_of(administrator, first.run)
    assert book.sheetnames == ["Kết quả", "Các lượt làm bài", "Điểm từng câu"]
    rows = table(book["Kết quả"])
    assert len(rows) == 36
    [row] = [row for row in rows if row["Họ và tên"] == first.learner.get_full_name()]
    assert (row["Điểm"], row["Điểm tối đa"], row["Số lượt làm bài"], row["Đạt"]) == (3, 4, 2, "có")
    assert row["Phần trăm"] == 0.75
    assert isinstance(row["Nộp lần cuối"], datetime)
    others = [row for row in rows if row["Số lượt làm bài"] == 0]
    assert len(others) == 35
    assert {(row["Điểm"], row["Phần trăm"], row["Đạt"]) for row in others} == {(None, None, None)}
    assert book["Kết quả"].freeze_panes == f"A{HEADING_ROW + 1}"


def test_the_second_sheet_has_every_attempt_an_open_one_too(administrator, quiz):
    first = make_learner_of(quiz)
    began = timezone.now() - timedelta(hours=2)
    sit(quiz, first, right=1, now=began)
    begin(quiz, first)
    rows = table(book_of(administrator, first.run)["Các lượt làm bài"])
    assert [(row["Lượt"], row["Điểm"], row["Phần trăm"], row["Đạt"]) for row in rows] == [
        (1, 1, 0.25, "không"),
        (2, None, None, None),
    ]
    assert abs(rows[0]["Bắt đầu lúc"] - timezone.make_naive(began)) < timedelta(seconds=1)


def test_the_third_sheet_has_the_marks_of_the_attempt_that_counts_and_empty_where_not_asked(
    administrator, quiz
):
    quiz.draws.update(count=3)
    quiz = Quiz.objects.get()
    first = make_learner_of(quiz)
    sit(quiz, first, right=1)
    best = sit(quiz, first, right=3)
    other = learner(first.run, "Lê Văn Bình")
    sit(quiz, other, right=0)
    learner(first.run, "Chưa Làm Bài")
    sheet = book_of(administrator, first.run)["Điểm từng câu"]
    rows = table(sheet, heading_row=HEADING_ROW + 1)
    assert [row["Họ và tên"] for row in rows] == [first.learner.get_full_name(), "Lê Văn Bình"] or len(
        rows
    ) == 2
    [row] = [row for row in rows if row["Lượt"] == 2]
    stored = {question.version.question.code: question.mark for question in best.questions.all()}
    shown = {code: mark for code, mark in row.items() if code.startswith("CH") and mark is not None}
    assert {code: Decimal(mark) for code, mark in shown.items()} == stored
    assert len(shown) == 3


def test_the_file_is_narrowed_as_the_page_is(administrator, quiz):
    first = make_learner_of(quiz)
    sit(quiz, first, right=4)
    failed = learner(first.run, "Phạm Thu Cúc")
    sit(quiz, failed, right=0)
    book = book_of(administrator, first.run, outcome="failed")
    assert [row["Họ và tên"] for row in table(book["Kết quả"])] == ["Phạm Thu Cúc"]
    assert [row["Họ và tên"] for row in table(book["Các lượt làm bài"])] == ["Phạm Thu Cúc"]


def test_a_name_that_a_spreadsheet_would_run_stays_a_text(administrator, quiz):
    first = make_learner_of(quiz)
    enrolment = learner(first.run, "Bình")
    type(enrolment.learner).objects.filter(pk=enrolment.learner_id).update(last_name="=1+1")
    sit(quiz, enrolment, right=2)
    book = book_of(administrator, first.run)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if "1+1" in str(cell.value)]
    assert len(cells) == 3
    assert {(cell.value, cell.data_type) for cell in cells} == {("'=1+1 Bình", "s")}


def test_a_coordinator_gets_the_own_subtree_and_no_marks_per_question(quiz):
    first = make_learner_of(quiz)
    here = make_unit()
    own = learner(first.run, "Trần Thị Nhà", unit=here)
    for enrolment in (first, own):
        sit(quiz, enrolment, right=2)
    coordinator = browser_of(make_person(unit=here, roles=[Role.COORDINATOR]))
    book = book_of(coordinator, first.run)
    assert book.sheetnames == ["Kết quả", "Các lượt làm bài"]
    for sheet in book:
        assert [row["Họ và tên"] for row in table(sheet)] == ["Trần Thị Nhà"]


def test_the_file_takes_the_same_queries_for_two_learners_and_for_twenty(
    administrator, quiz, django_assert_max_num_queries
):
    first = make_learner_of(quiz)
    for more in (1, 18):
        for _ in range(more):
            sit(quiz, make_enrolment(run=first.run, state=Enrolment.State.IN_PROGRESS), right=2)
        with django_assert_max_num_queries(14):
            book_of(administrator, first.run)


def test_a_course_without_a_quiz_has_no_file(administrator, quiz):
    enrolment = make_enrolment()
    url = reverse("assessments:results_export", kwargs={"code": enrolment.run.code})
    assert administrator.get(url).status_code == 404
