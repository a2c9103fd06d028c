"""Banks inside banks, named questions and sections; tags, twins, and many questions changed at once."""

from collections import Counter
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.drawing import Demand, draw_at_random
from assessments.models import Question, QuestionCategory, QuestionTag, Quiz
from assessments.services import banks
from assessments.services.quizzes import DrawRule, DrawSource, QuizInvalid, find_faults, put_quiz
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_category, make_learner_of, make_question
from tests.factories.courses import make_course
from tests.factories.organisations import make_person, make_unit

from .test_banks import admin_url, question_fields

pytestmark = pytest.mark.django_db


def bank(code: str, parent: QuestionCategory | None = None, **questions: int) -> QuestionCategory:
    """A bank with so many ready questions of each difficulty."""
    category = banks.put_category(code=code, name=code, parent=parent, actor=None, now=timezone.now())
    for difficulty, count in questions.items():
        for _ in range(count):
            make_question(category, difficulty=difficulty)
    return category


def quiz_of(*draws: tuple, **settings) -> Quiz:
    module = make_course(modules=1, lessons=1).get_children().get().specific
    quiz = put_quiz(module=module, title="Bài", draws=draws, actor=None, now=timezone.now())
    Quiz.objects.filter(pk=quiz.pk).update(**settings)
    return Quiz.objects.get(pk=quiz.pk)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_person(unit=make_unit(), roles=[Role.TRAINER]))
    return client


# --- Drawing ---------------------------------------------------------------------------------------------------
demands = st.lists(
    st.builds(Demand, st.integers(1, 4), st.frozensets(st.integers(0, 9), max_size=8)), min_size=1, max_size=5
)


def feasible(asked: list[Demand]) -> bool:
    """Hall's condition: every group of demands finds together as many as it asks for."""
    for group in range(1, 2 ** len(asked)):
        chosen = [demand for n, demand in enumerate(asked) if group >> n & 1]
        if len(frozenset().union(*(demand.candidates for demand in chosen))) < sum(d.count for d in chosen):
            return False
    return True


@given(asked=demands, seed=st.integers(0, 99))
def test_a_draw_succeeds_whenever_there_is_a_way_and_takes_nothing_twice(asked, seed):
    drawn = draw_at_random(asked, Random(seed))
    assert drawn.is_complete == feasible(asked)
    taken = [one for chosen in drawn.chosen for one in chosen]
    assert len(taken) == len(set(taken))
    for demand, chosen, missing in zip(asked, drawn.chosen, drawn.missing, strict=True):
        assert set(chosen) <= demand.candidates and len(chosen) + missing == demand.count


def test_every_question_has_its_turn():
    counts = Counter()
    for seed in range(2000):
        counts.update(draw_at_random([Demand(2, frozenset(range(10)))], Random(seed)).chosen[0])
    assert set(counts) == set(range(10)) and min(counts.values()) > 300 and max(counts.values()) < 500


def test_a_draw_from_a_bank_takes_from_the_banks_inside_it_and_leaves_enough_for_a_narrower_one():
    outer = bank("NH", easy=1)
    inner = bank("NH-1", outer, easy=1, hard=1)
    quiz = quiz_of((outer, "", 2), (inner, "easy", 1))
    versions = {question.current_version_id: question for question in Question.objects.all()}
    for _ in range(10):
        drawn = [versions[one.version_id] for one in DrawSource.of(quiz).draw()]
        assert len(set(drawn)) == 3
    assert find_faults([DrawRule(outer, "", 3), DrawRule(inner, "", 1)])[0].place is not None
    other = bank("NHX", easy=5)
    assert [fault.place for fault in find_faults([DrawRule(other, "", 5), DrawRule(outer, "", 4)])] == [1]


def test_the_draw_costs_the_same_whatever_the_number_of_draws():
    outer = bank("NH", easy=4, hard=4)
    one, many = quiz_of((outer, "", 2)), quiz_of(*[(outer, "easy", 1), (outer, "hard", 2), (outer, "", 3)])
    counts = []
    for quiz in (one, many):
        with CaptureQueriesContext(connection) as queries:
            DrawSource.of(quiz).draw()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_a_named_question_is_always_asked_and_sections_keep_together():
    first, second = bank("A", easy=6), bank("B", easy=6)
    named = Question.objects.filter(category=second).first()
    quiz = quiz_of(
        (first, "", 2, 1, "Phần một"), (None, "", 1, 3, "Phần hai", named), (second, "", 2, 1, "Phần hai")
    )
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    rows = list(attempt.questions.select_related("version").order_by("position"))
    assert [row.section for row in rows] == ["Phần một"] * 2 + ["Phần hai"] * 3
    assert named.current_version_id in [row.version_id for row in rows]
    assert attempt.max_score == 7
    client = Client()
    client.force_login(enrolment.learner)
    page = client.get(
        reverse("assessments:attempt", kwargs={"public_id": attempt.public_id})
    ).content.decode()
    assert page.count("Phần một</h2>") == page.count("Phần hai</h2>") == 1


def test_a_draw_names_a_bank_or_a_question_and_a_question_that_is_not_ready_is_told():
    category = bank("A", easy=2)
    draft = make_question(category, status="draft")
    for rule in (
        DrawRule(None, "", 1),
        DrawRule(category, "", 1, question=draft),
        DrawRule(None, "", 1, question=draft),
    ):
        assert [fault.place for fault in find_faults([rule])] == [0]
    with pytest.raises(QuizInvalid):
        quiz_of((None, "", 1, 1, "", draft))


# --- The tree --------------------------------------------------------------------------------------------------
def test_paths_follow_a_bank_that_is_moved_or_renamed():
    outer, other = bank("A"), bank("B")
    inner = bank("A1", outer)
    leaf = bank("A11", inner)
    inner.parent, inner.code = other, "A9"
    inner.save()
    leaf.refresh_from_db()
    assert leaf.path == "B/A9/A11" and QuestionCategory.objects.at(
        "B/A9/A11"
    ) == leaf == QuestionCategory.objects.at("A11")
    assert set(QuestionCategory.objects.below(other)) == {other, inner, leaf}
    assert set(QuestionCategory.objects.below(outer)) == {outer}


def test_a_bank_stands_neither_inside_itself_nor_too_deep():
    chain = [bank("A")]
    for code in ("B", "C", "D"):
        chain.append(bank(code, chain[-1]))
    with pytest.raises(ValidationError):
        bank("E", chain[-1])
    chain[0].parent = chain[2]
    with pytest.raises(ValidationError):
        chain[0].full_clean()
    alone = bank("Z")
    alone_top = bank("Y")
    chain[0].parent = alone_top
    with pytest.raises(ValidationError):
        chain[0].full_clean()
    assert alone.depth == 1


# --- The list in the CMS ---------------------------------------------------------------------------------------
def test_the_list_is_narrowed_by_bank_with_those_inside_by_tag_and_by_same_words(admin):
    outer = bank("A", easy=1)
    inner = bank("A1", outer, easy=2)
    other = bank("B", easy=1)
    tagged = Question.objects.filter(category=inner).first()
    banks.tag_questions(questions=[tagged], tags=["ôn tập"], actor=None, now=timezone.now())
    make_question(other, stem="  CÂU   hỏi trùng?")
    make_question(other, stem="Cau hoi trung?")

    def shown(**filters) -> int:
        return admin.get(admin_url("question", "list"), filters).context["page_obj"].paginator.count

    tag = QuestionTag.objects.get()
    asked = [
        {"category": outer.pk},
        {"category": other.pk},
        {"tag": tag.pk},
        {"doubled": "true"},
        {"doubled": "false"},
    ]
    assert [shown(**filters) for filters in asked] == [3, 3, 1, 2, 4]
    page = admin.get(admin_url("question", "list"), {"doubled": "true"}).content.decode()
    first, second = Question.objects.with_twins().filter(has_twin=True).order_by("code")
    assert page.count(first.code) >= 2 and page.count(second.code) >= 2


def test_the_list_costs_the_same_whatever_its_length(admin):
    category = bank("A", easy=1)
    url = admin_url("question", "list")
    admin.get(url)
    with CaptureQueriesContext(connection) as few:
        admin.get(url)
    for _ in range(5):
        make_question(category)
    with CaptureQueriesContext(connection) as many:
        admin.get(url)
    assert len(few) == len(many)


def bulk(admin: Client, action: str, questions, **fields):
    url = reverse("wagtail_bulk_action", args=["assessments", "question", action])
    query = "&".join(
        [*(f"id={question.pk}" for question in questions), f"next={admin_url('question', 'list')}"]
    )
    return admin.get(f"{url}?{query}"), admin.post(f"{url}?{query}", fields, follow=True)


def test_many_questions_are_moved_tagged_retired_and_put_into_use_at_once_and_each_is_recorded(admin):
    first, second = bank("A", easy=3), bank("B")
    questions = list(Question.objects.all())
    asked, _done = bulk(admin, "move-questions", questions, category=second.pk)
    assert all(question.code in asked.content.decode() for question in questions)
    assert set(Question.objects.values_list("category", flat=True)) == {second.pk}
    bulk(admin, "tag-questions", questions[:2], tags="ôn tập, khó")
    assert set(questions[0].tags.names()) == {"ôn tập", "khó"} and not questions[2].tags.exists()
    bulk(admin, "retire-questions", questions)
    assert set(Question.objects.values_list("status", flat=True)) == {"retired"}
    questions[0].choices.all().delete()
    _asked, done = bulk(admin, "use-questions", questions)
    assert questions[0].code in done.content.decode()
    assert sorted(Question.objects.values_list("status", flat=True)) == ["ready", "ready", "retired"]
    actions = Counter(
        AuditEvent.objects.filter(action__startswith="question.").values_list("action", flat=True)
    )
    assert [actions[f"question.{name}"] for name in ("moved", "tagged", "retired")] == [3, 2, 3]
    assert first.questions.count() == 0


def test_questions_are_not_deleted_in_bulk(admin):
    bank("A")
    question = make_question(QuestionCategory.objects.get(), status="draft")
    bulk(admin, "delete", [question])
    assert Question.objects.filter(pk=question.pk).exists()


def test_others_change_nothing_in_bulk():
    question = make_question(make_category())
    learner = make_person(unit=make_unit())
    for change in (
        lambda: banks.move_questions(
            questions=[question], category=question.category, actor=learner, now=timezone.now()
        ),
        lambda: banks.tag_questions(questions=[question], tags=["a"], actor=learner, now=timezone.now()),
        lambda: banks.retire_questions(questions=[question], actor=learner, now=timezone.now()),
        lambda: banks.put_into_use(questions=[question], actor=learner, now=timezone.now()),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_tags_and_outcome_are_kept_by_the_form(admin):
    fields = question_fields(bank("A"), tags='"ôn tập"', outcome="Nêu được các bước cải cách")
    assert admin.post(admin_url("question", "add"), fields).status_code == 302
    question = Question.objects.get()
    assert list(question.tags.names()) == ["ôn tập"] and question.outcome == "Nêu được các bước cải cách"
