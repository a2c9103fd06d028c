"""Questions whose answer is written: short texts and numbers, from the bank to the review."""

import json
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, Question, Quiz
from assessments.question_content import value_of
from assessments.services.grading import recompute_score
from assessments.services.question_faults import QuestionInvalid
from assessments.services.quizzes import put_quiz
from lms.organisations.models import Role
from tests.factories.assessments import make_category, make_learner_of, make_question
from tests.factories.courses import make_course
from tests.factories.organisations import make_person, make_unit

from .test_banks import admin_url, question_fields

pytestmark = pytest.mark.django_db
SECRET = "Hà Nội"


def short(category, **fields) -> Question:
    return make_question(category, kind="short", choices=[(SECRET, True), ("Thủ đô Hà Nội", True)], **fields)


def number(category, *values: str, **fields) -> Question:
    return make_question(
        category, kind="number", choices=[(value, True) for value in values or ("1822",)], **fields
    )


@pytest.fixture
def quiz() -> Quiz:
    category = make_category()
    short(category, matching="marks")
    number(category, "12,5", tolerance=Decimal("0.5"))
    module = make_course(modules=1, lessons=1).get_children().get().specific
    made = put_quiz(
        module=module, title="Bài viết", draws=[(category, "", 2)], actor=None, now=timezone.now()
    )
    Quiz.objects.filter(pk=made.pk).update(shuffle=False)
    return Quiz.objects.get(pk=made.pk)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    return client


@pytest.fixture
def sitting(quiz):
    """A signed-in browser, its attempt and the pen."""
    enrolment = make_learner_of(quiz)
    client = Client()
    client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.post(reverse("assessments:start", kwargs={"quiz_id": quiz.pk, "enrolment_id": enrolment.pk}))
    attempt = Attempt.objects.get(enrolment=enrolment)
    opened = client.post(reverse("assessments:open_tab", kwargs={"public_id": attempt.public_id}))
    return client, attempt, opened


def write(sitting, position: int, answer, sequence: int = 1):
    client, attempt, opened = sitting
    url = reverse("assessments:save_answer", kwargs={"public_id": attempt.public_id, "position": position})
    token = opened.json()["tab_token"]
    return client.post(url, {"answer": json.dumps(answer), "sequence": sequence, "tab_token": token})


def hand_in(sitting) -> tuple[Attempt, str]:
    client, attempt, _opened = sitting
    done = client.post(reverse("assessments:submit", kwargs={"public_id": attempt.public_id}), follow=True)
    attempt.refresh_from_db()
    return attempt, done.content.decode()


def test_what_is_written_is_kept_marked_and_shown_with_what_is_accepted(sitting):
    assert write(sitting, 1, {"text": "  ha   noi "}).status_code == 200
    assert write(sitting, 2, {"text": "12"}).status_code == 200
    client, attempt, _opened = sitting
    paper = client.get(
        reverse("assessments:attempt", kwargs={"public_id": attempt.public_id})
    ).content.decode()
    assert 'value="ha noi"' in paper and 'value="12"' in paper
    attempt, review = hand_in(sitting)
    assert attempt.score == 2 and attempt.passed and recompute_score(attempt) == 2
    assert "Đáp án chấp nhận" in review and f"{SECRET} · Thủ đô {SECRET}" in review and "12,5 ± 0,5" in review


def test_wrong_words_and_a_number_beyond_the_tolerance_earn_nothing(sitting):
    write(sitting, 1, {"text": "Huế"})
    write(sitting, 2, {"text": "13,1"})
    assert hand_in(sitting)[0].score == 0


def test_an_answer_wiped_out_is_an_open_question(sitting):
    write(sitting, 1, {"text": SECRET})
    write(sitting, 1, {"text": " "}, sequence=2)
    attempt, review = hand_in(sitting)
    assert attempt.score == 0 and "Không trả lời" in review


def test_nothing_tells_what_is_accepted_before_handing_in(sitting):
    client, attempt, opened = sitting
    paper = client.get(
        reverse("assessments:attempt", kwargs={"public_id": attempt.public_id})
    ).content.decode()
    clock = client.get(reverse("assessments:clock", kwargs={"public_id": attempt.public_id})).content.decode()
    answers = [
        write(sitting, 1, {"text": text}, sequence=n).content.decode()
        for n, text in enumerate(["x", "Hue"], 1)
    ]
    for text in (paper, clock, opened.content.decode(), *answers):
        assert (
            SECRET not in text
            and "12,5" not in text.replace("dấu phẩy: 12,5", "")
            and "tolerance" not in text
        )
    assert [question["answer"] for question in opened.json()["questions"]] == [{"text": ""}, {"text": ""}]


@pytest.mark.parametrize(
    "bad",
    [{"choices": []}, {"text": None}, {"text": 5}, {"text": "x" * 501}, {"text": "a\0b"}, [], "x", None],
)
def test_what_is_no_written_answer_is_refused_and_nothing_stored(sitting, bad):
    assert write(sitting, 1, bad).status_code == 400
    assert sitting[1].questions.get(position=1).answer is None


def test_a_written_answer_does_not_fit_a_question_with_choices(sitting):
    row = sitting[1].questions.select_related("version").get(position=1)
    type(row.version).objects.filter(pk=row.version.pk).update(kind="single")
    assert write(sitting, 1, {"text": SECRET}).status_code == 400


def test_another_way_to_compare_makes_another_version():
    question = short(make_category())
    question.matching = "exact"
    question.save()
    again = short(
        question.category,
        code=question.code,
        stem=question.stem,
        feedback=question.feedback,
        matching="exact",
    )
    assert again.current_version.number == 2
    assert again.current_version.content["rules"] == {"matching": "exact"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1822", "1822"), ("12,5", "12.5"), ("12.5", "12.5"), ("1,822", "1.822"), ("-0,25", "-0.25")],
)
def test_a_key_is_one_number(text, value):
    assert value_of(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1.822", "1.822.000", "mười", "1 822", "12,", "", "1e3", "9" * 13])
def test_a_key_that_is_none_or_could_be_two_is_refused(text):
    assert value_of(text) is None
    if text:
        with pytest.raises(QuestionInvalid):
            number(make_category(), text)


def test_a_trainer_writes_both_kinds_in_the_admin(admin):
    category = make_category()
    fields = question_fields(category, choices=[(SECRET, False)], kind="short", matching="marks")
    assert admin.post(admin_url("question", "add"), fields).status_code == 302
    asked = Question.objects.get().current_version
    assert (asked.kind, asked.content["key"], asked.content["choices"]) == ("short", [SECRET], [])
    wrong = question_fields(category, choices=[("khoảng mười", False)], kind="number", tolerance="0")
    page = admin.post(admin_url("question", "add"), wrong)
    assert page.status_code == 200 and "chưa rõ là số nào" in page.content.decode()
    negative = question_fields(category, choices=[("10", False)], kind="number", tolerance="-1")
    assert admin.post(admin_url("question", "add"), negative).status_code == 200
    assert Question.objects.count() == 1


def test_the_preview_of_a_written_question_holds_no_answer(admin):
    question = short(make_category())
    url = admin_url("question", "preview_on_edit", question.pk)
    fields = question_fields(
        question.category, code=question.code, choices=[(SECRET, True)], kind="short", stem="Thủ đô?"
    )
    assert admin.post(url, fields).json()["is_valid"]
    text = admin.get(url).content.decode()
    assert "Thủ đô?" in text and "data-typed" in text and SECRET not in text
