"""A quiz on paper: a variant stays as it was drawn, its key fits its letters, and the sheets hold no key."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import PrintedPaper, Question, Quiz
from assessments.printed_papers import keys_of, questions_of
from assessments.services import printed_papers as services
from assessments.services.banks import save_question_version
from assessments.services.printed_papers import draw_papers
from courses.models import RunTrainer
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import make_learner_of, make_question, make_quiz, sit
from tests.factories.organisations import make_person

from .regraded import FULL, corrected
from .test_races import together


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def quiz(db) -> Quiz:
    """Three with one right choice, two with several, a short text."""
    quiz = make_quiz(singles=3, multiples=2)
    make_question(
        quiz.draws.get().category, kind="short", choices=[("Hà Nội", True)], stem="Thủ đô của nước ta?"
    )
    quiz.draws.update(count=6)
    return Quiz.objects.get(pk=quiz.pk)


@pytest.fixture
def enrolment(quiz):
    return make_learner_of(quiz)


@pytest.fixture
def run(enrolment):
    return enrolment.run


@pytest.fixture
def trainer(run):
    trainer = make_person(roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    return trainer


def drawn(quiz, run, actor, count: int = 1) -> list[PrintedPaper]:
    return draw_papers(quiz=quiz, run=run, count=count, actor=actor, now=timezone.now())


def url(name: str, run, paper=None) -> str:
    kwargs = {"code": run.code} | ({"paper_id": paper.pk} if paper else {})
    return reverse(f"assessments:{name}", kwargs=kwargs)


def test_the_key_of_a_variant_fits_the_letters_of_its_paper(quiz, run, trainer):
    for paper in drawn(quiz, run, trainer, 3):
        questions, keys = questions_of(paper), keys_of(paper)
        assert (
            [question.number for question in questions] == [key.number for key in keys] == list(range(1, 7))
        )
        for question, key in zip(questions, keys, strict=True):
            texts = dict(question.choices)
            if question.kind == "short":
                assert (key.right, question.choices) == (["Hà Nội"], [])
            else:
                assert all("úng" in texts[letter] for letter in key.right)
                assert len(key.right) == (2 if question.takes_several else 1)


def test_a_trainer_draws_variants_and_prints_sheets_without_a_key_and_the_key_apart(quiz, run, trainer):
    browser = browser_of(trainer)
    listing = f"{url('printed_papers', run)}?quiz={quiz.pk}"
    assert browser.get(listing).status_code == 200
    assert not PrintedPaper.objects.exists()
    assert browser.get(url("draw_papers", run)).status_code == 405
    done = browser.post(f"{url('draw_papers', run)}?quiz={quiz.pk}", {"count": 2}, follow=True)
    assert done.redirect_chain == [(listing, 302)]
    papers = list(PrintedPaper.objects.all())
    assert [paper.code for paper in papers] == ["001", "002"]
    assert AuditEvent.objects.filter(action="paper.drawn", actor=trainer).count() == 2
    sheets = browser.get(url("printed_sheets", run, papers[1])).content.decode()
    assert "Thủ đô của nước ta?" in sheets
    assert "002" in sheets
    for secret in ("Hà Nội", "GIẢI THÍCH"):
        assert secret not in sheets
    assert all(choice not in sheets for question in papers[1].questions for choice in question["choices"])
    key = browser.get(url("printed_key", run, papers[1])).content.decode()
    assert "Hà Nội" in key
    too_many = browser.post(f"{url('draw_papers', run)}?quiz={quiz.pk}", {"count": 99}, follow=True)
    assert list(too_many.context["messages"])
    assert PrintedPaper.objects.count() == 2


def test_a_variant_stays_as_it_was_drawn_when_the_question_is_written_anew(quiz, run, trainer):
    [paper] = drawn(quiz, run, trainer)
    before = questions_of(paper)
    for question in Question.objects.all():
        question.stem = "Lời khác?"
        question.save()
        save_question_version(question=question, actor=None, now=timezone.now())
    assert questions_of(PrintedPaper.objects.get()) == before


def test_the_key_is_the_one_in_force_when_it_is_printed(quiz, run, enrolment, trainer):
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    quiz.draws.update(count=5, difficulty="")
    Question.objects.filter(kind="short").update(status="retired")
    quiz = Quiz.objects.get(pk=quiz.pk)
    attempt = sit(quiz, enrolment, right=2)
    [paper] = drawn(quiz, run, trainer)
    corrected(quiz, attempt.questions.get(position=1).version, FULL, trainer)
    assert [key.everybody_gets_it for key in keys_of(paper)] == [True, False, False, False, False]


def test_a_kind_that_cannot_be_printed_is_named(quiz, run, trainer, monkeypatch):
    monkeypatch.setattr(services, "PRINTABLE_KINDS", {"single", "multiple"})
    with pytest.raises(services.NotPrintable, match="CH"):
        drawn(quiz, run, trainer)
    assert not PrintedPaper.objects.exists()


def test_only_who_reads_keys_draws(quiz, run, enrolment):
    for person in (
        enrolment.learner,
        make_person(roles=[Role.TRAINER]),
        make_person(roles=[Role.SCHOOL_LEADER]),
    ):
        with pytest.raises(NotAllowed):
            drawn(quiz, run, person)
    assert not PrintedPaper.objects.exists()


def test_a_paper_of_another_class_is_not_found(quiz, run, trainer):
    [paper] = drawn(quiz, run, trainer)
    other = make_learner_of(quiz).run
    RunTrainer.objects.create(run=other, person=trainer)
    assert browser_of(trainer).get(url("printed_sheets", other, paper)).status_code == 404
    assert browser_of(trainer).get(url("printed_key", other, paper)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_variants_drawn_at_one_moment_have_numbers_of_their_own(quiz, run, trainer):
    results = together(*[lambda: drawn(quiz, run, trainer, 2)] * 3)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert list(PrintedPaper.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_the_list_takes_the_same_queries_for_two_variants_and_for_twenty(
    quiz, run, trainer, django_assert_max_num_queries
):
    browser = browser_of(trainer)
    for count in (2, 10, 8):
        drawn(quiz, run, trainer, count)
        browser.get(url("printed_papers", run))
        with django_assert_max_num_queries(16):
            browser.get(url("printed_papers", run))
    with django_assert_max_num_queries(12):
        browser.get(url("printed_sheets", run, PrintedPaper.objects.first()))
