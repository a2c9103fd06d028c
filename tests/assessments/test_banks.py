"""Question banks and quizzes as trainers keep them in the CMS admin, and the services behind it."""

import unicodedata

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Question, QuestionVersion, Quiz
from assessments.services.banks import save_question_version
from assessments.services.question_faults import QuestionInvalid
from assessments.services.quizzes import QuizInvalid, put_quiz
from cms.groups import ensure_groups
from courses.models import Criterion
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import (
    SINGLE,
    begin,
    make_category,
    make_learner_of,
    make_question,
    make_quiz,
)
from tests.factories.courses import make_course
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    ensure_groups()
    return make_person(unit=make_unit(), roles=[Role.TRAINER])


@pytest.fixture
def admin(trainer) -> Client:
    client = Client()
    client.force_login(trainer, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def admin_url(model: str, view: str, *args) -> str:
    return reverse(f"wagtailsnippets_assessments_{model}:{view}", args=args)


def rows(prefix: str, forms: list[dict]) -> dict:
    """The fields of an inline panel."""
    data = {
        f"{prefix}-TOTAL_FORMS": len(forms),
        f"{prefix}-INITIAL_FORMS": sum(1 for form in forms if form.get("id")),
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for index, form in enumerate(forms):
        for name, value in {"id": "", "ORDER": index + 1, "DELETE": "", **form}.items():
            if value is not False:
                data[f"{prefix}-{index}-{name}"] = value
    return data


def question_fields(category, *, choices=SINGLE, **fields) -> dict:
    values = {
        "category": category.pk, "code": "", "kind": "single", "difficulty": "easy", "status": "ready",
        "stem": "Cải cách hành chính là gì?", "feedback": "",
    }  # fmt: skip
    right = [{"text": text, "is_correct": "on" if correct else False} for text, correct in choices]
    return values | rows("media", []) | fields | rows("choices", right)


# --- Versions -------------------------------------------------------------------------------------------------
def test_a_version_is_made_only_when_words_choices_key_or_kind_change():
    question = make_question(make_category())
    now = timezone.now()
    assert save_question_version(question=question, actor=None, now=now).number == 1
    question.difficulty = "hard"
    question.save()
    assert save_question_version(question=question, actor=None, now=now).number == 1
    question.stem = "Lời khác?"
    question.save()
    assert save_question_version(question=question, actor=None, now=now).number == 2
    first = question.choices.first()
    first.text = "Phương án khác"
    first.save()
    assert save_question_version(question=Question.objects.get(), actor=None, now=now).number == 3
    assert AuditEvent.objects.filter(action="question.versioned").count() == 3


def test_text_typed_in_decomposed_letters_is_the_same_text():
    category = make_category()
    for form in ("NFC", "NFD"):
        words = unicodedata.normalize(form, "Cải cách hành chính?")
        choices = [(unicodedata.normalize(form, text), right) for text, right in SINGLE]
        make_question(category, code="A", stem=words, choices=choices, feedback=words)
    assert QuestionVersion.objects.count() == 1


def test_who_does_not_keep_banks_changes_nothing():
    question = make_question(make_category())
    question.stem = "Khác"
    with pytest.raises(NotAllowed):
        save_question_version(question=question, actor=make_person(), now=timezone.now())
    assert QuestionVersion.objects.count() == 1


def test_a_draft_makes_no_version_and_is_not_drawn():
    category = make_category()
    assert make_question(category, status="draft").current_version is None
    make_question(category)
    with pytest.raises(QuizInvalid, match="2"):
        make_quiz_of(category, 2)


def make_quiz_of(category, count, difficulty=""):
    module = make_course(modules=1, lessons=0).get_children().get().specific
    return put_quiz(
        module=module, title="Bài", draws=[(category, difficulty, count)], actor=None, now=timezone.now()
    )


@pytest.mark.parametrize(
    ("kind", "choices", "place"),
    [
        ("single", [("A", False), ("B", False)], "choices"),
        ("single", [("A", True), ("B", True)], "choices"),
        ("single", [("A", True)], "choices"),
        ("multiple", [("A", False), ("B", False)], "choices"),
        ("multiple", [("A", True), ("B", True)], "choices"),
        ("single", [("A", True), (" ", False)], 1),
        ("single", [("A", True), ("a", False)], 1),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_at_its_place(kind, choices, place):
    with pytest.raises(QuestionInvalid) as fault:
        make_question(make_category(), kind=kind, choices=choices)
    assert fault.value.place == place
    assert not Question.objects.exists()


# --- Quizzes -----------------------------------------------------------------------------------------------
def test_a_saved_quiz_is_a_condition_of_its_course_and_a_retired_one_no_longer(admin):
    quiz = make_quiz()
    criterion = Criterion.objects.get()
    assert (criterion.kind, criterion.key, criterion.module_id) == ("quiz", str(quiz.pk), quiz.module_id)
    draw = quiz.draws.get()
    fields = {
        "module": quiz.module_id, "title": quiz.title, "title_en": "", "time_limit_minutes": 30,
        "grace_seconds": 15, "pass_percent": 50, "max_attempts": 3, "wait_minutes": 0, "review": "never",
        "penalty_percent": 0, "navigation": "all", "markers": 1,
        "counted": "last", "opens_at": "2026-11-27 08:00", "closes_at": "2026-11-27 10:00", "password": "Sen 27",
        "allowed_networks": "10.12.0.0/16",
    }  # fmt: skip
    draws = [
        {"id": draw.pk, "category": draw.category_id, "difficulty": "", "count": draw.count, "mark": "1"}
    ]
    for wrong in ({"allowed_networks": "mạng lớp"}, {"closes_at": "2026-11-27 07:00"}):
        refused = admin.post(admin_url("quiz", "edit", quiz.pk), fields | wrong | rows("draws", draws))
        assert refused.status_code == 200
    assert Quiz.objects.get().is_active
    edited = admin.post(admin_url("quiz", "edit", quiz.pk), fields | rows("draws", draws))
    assert edited.status_code == 302
    event = AuditEvent.objects.filter(action="quiz.changed").latest("pk")
    assert (event.data["counted"], event.data["entry"]["asks_password"]) == ("last", True)
    assert "Sen 27" not in str(event.data)
    assert not Quiz.objects.get().is_active
    assert not Criterion.objects.get().is_active


def test_draws_of_one_difficulty_and_of_any_share_a_bank():
    category = make_category(singles=2)
    for _ in range(2):
        make_question(category, difficulty="hard")
    module = make_course(modules=1, lessons=0).get_children().get().specific
    quiz = put_quiz(
        module=module, title="Bài", draws=[(category, "", 2), (category, "hard", 2)], actor=None, now=timezone.now()
    )  # fmt: skip
    for _ in range(3):
        assert begin(quiz, make_learner_of(quiz)).questions.count() == 4
    with pytest.raises(QuizInvalid) as fault:
        put_quiz(
            module=module, title="Khác", draws=[(category, "", 3), (category, "hard", 2)],
            actor=None, now=timezone.now(),
        )  # fmt: skip
    assert fault.value.place == 0


# --- The admin ------------------------------------------------------------------------------------------------
def test_a_trainer_writes_a_question_and_gets_the_next_code_and_a_version(admin):
    category = make_category()
    done = admin.post(admin_url("question", "add"), question_fields(category))
    assert done.status_code == 302
    question = Question.objects.get()
    assert question.code == f"{category.code}-001"
    assert [choice.text for choice in question.choices.all()] == [text for text, _right in SINGLE]
    assert question.current_version.number == 1


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([("A", False), ("B", False)], "choices-"),
        ([("A", True), ("A", False)], "2"),
        ([("A", True)], "choices-"),
    ],
)
def test_the_admin_says_what_is_wrong_and_saves_nothing(admin, choices, words):
    page = admin.post(admin_url("question", "add"), question_fields(make_category(), choices=choices))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert 'class="error-message"' in page.content.decode()
    assert not Question.objects.exists()


def test_the_admin_refuses_a_draw_larger_than_the_bank(admin):
    category = make_category(singles=2)
    module = make_course(modules=1, lessons=0).get_children().get()
    fields = {
        "module": module.pk, "title": "Bài", "title_en": "", "time_limit_minutes": 30, "grace_seconds": 15,
        "pass_percent": 50, "max_attempts": 3, "wait_minutes": 0, "review": "never", "is_active": "on",
        "penalty_percent": 0, "navigation": "all", "markers": 1, "counted": "best",
    }  # fmt: skip
    draws = [{"category": category.pk, "difficulty": "", "count": 3, "mark": "1"}]
    page = admin.post(admin_url("quiz", "add"), fields | rows("draws", draws))
    assert page.status_code == 200
    assert category.code in page.content.decode()
    assert not Quiz.objects.exists()
    draws[0]["count"] = 2
    assert admin.post(admin_url("quiz", "add"), fields | rows("draws", draws)).status_code == 302
    assert Criterion.objects.filter(kind="quiz", is_active=True).count() == 1


def test_lists_open_filter_and_find_without_marks(admin, django_assert_max_num_queries):
    category = make_category(singles=1)
    wanted = make_question(category, stem="Cải cách hành chính gồm mấy nội dung?")
    for _ in range(5):
        make_question(category)
    with django_assert_max_num_queries(30):
        found = admin.get(admin_url("question", "list"), {"q": "cai cach hanh chinh"}).content.decode()
    assert wanted.code in found
    assert found.count("snippet_") < 3
    for model in ("question", "questioncategory", "quiz"):
        assert admin.get(admin_url(model, "list")).status_code == 200
    listed = admin.get(admin_url("question", "list"), {"category": category.pk, "status": "draft"})
    assert wanted.code not in listed.content.decode()


def test_the_preview_shows_the_question_without_its_key(admin):
    question = make_question(make_category())
    url = admin_url("question", "preview_on_edit", question.pk)
    choices = [
        {"id": choice.pk, "text": choice.text, "is_correct": "on" if choice.is_correct else False}
        for choice in question.choices.all()
    ]
    fields = question_fields(question.category, code=question.code, stem="Lời mới?") | rows(
        "choices", choices
    )
    assert admin.post(url, fields).json()["is_valid"]
    text = admin.get(url).content.decode()
    assert "Lời mới?" in text
    assert "Phương án đúng" in text
    assert "is_correct" not in text


def test_what_was_asked_cannot_be_deleted(admin):
    question = make_question(make_category())
    assert admin.post(admin_url("question", "delete", question.pk)).status_code == 302
    assert Question.objects.filter(pk=question.pk).exists()
    draft = make_question(question.category, status="draft")
    assert admin.post(admin_url("question", "delete", draft.pk)).status_code == 302
    assert not Question.objects.filter(pk=draft.pk).exists()
    assert AuditEvent.objects.filter(action="question.deleted").count() == 1


def test_a_learner_does_not_reach_the_banks():
    question = make_question(make_category())
    client = Client()
    client.force_login(make_person(), backend=settings.AUTHENTICATION_BACKENDS[0])
    for url in (admin_url("question", "list"), admin_url("question", "edit", question.pk)):
        assert client.get(url).status_code in (302, 403)
