"""The pages of a regrade: key, preview, reason, what became of it; who may."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import KeyCorrection, Quiz
from assessments.services.banks import save_question_version
from courses.models import Enrolment, RunTrainer
from lms.core import jobs
from lms.core.errors import NotAllowed
from lms.core.models import Job
from lms.organisations.models import Role
from tests.factories.assessments import make_learner_of, sit
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person

from .regraded import FULL, agrees, corrected, fixed_quiz, other_choice, someone_of, version_at


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


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


# --- Pages ------------------------------------------------------------------------------------------------------------------
def page(quiz, version) -> str:
    return reverse("assessments:regrade", kwargs={"quiz_id": quiz.pk, "version_id": version.pk})


def test_a_trainer_corrects_a_key_sees_who_changes_gives_the_reason_and_reads_what_became_of_it(quiz, run):
    trainer = make_person(roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    learner = someone_of(run)
    attempt = sit(quiz, learner, right=1)
    sit(quiz, someone_of(run), right=4)
    version = version_at(quiz, 2)
    browser, address = browser_of(trainer), page(quiz, version)
    shown = browser.get(address)
    assert shown.context["form"]["key"].value() == version.content["key"]
    asked = {"policy": "key", "key": [other_choice(version)]}
    preview = browser.get(address, asked)
    text = preview.content.decode()
    assert learner.learner.get_full_name() in text
    assert "0 → 1" in text
    assert not KeyCorrection.objects.exists()
    unexplained = browser.post(address, asked | {"reason": " "})
    assert unexplained.status_code == 200
    assert "Hãy ghi lý do" in unexplained.content.decode()
    done = browser.post(address, asked | {"reason": "Nhầm đáp án khi soạn"})
    assert done.status_code == 302
    job = Job.objects.get()
    assert browser.get(done.url).status_code == 200
    jobs.run_job(job.pk)
    result = browser.get(done.url).content.decode()
    assert "Nhầm đáp án khi soạn" in result
    assert learner.learner.get_full_name() in result
    assert agrees(attempt)
    assert attempt.score == 2
    job.refresh_from_db()
    assert (job.state, job.result["changed"]) == (Job.State.SUCCEEDED, 2)
    again = browser.post(address, asked | {"reason": "Bấm hai lần"})
    assert "đã được chấm theo đáp án này" in again.content.decode()
    assert KeyCorrection.objects.count() == 1


def test_the_form_begins_with_the_key_the_trainer_has_corrected_in_the_bank(quiz, run, administrator):
    sit(quiz, someone_of(run), right=1)
    version = version_at(quiz, 2)
    question = version.question
    for choice in question.choices.all():
        choice.is_correct = choice.text == "Phương án sai một"
        choice.save()
    question.refresh_from_db()
    save_question_version(question=question, actor=administrator, now=timezone.now())
    form = browser_of(administrator).get(page(quiz, version)).context["form"]
    assert form["key"].value() == [other_choice(version)]


def test_the_preview_takes_the_same_queries_for_two_attempts_and_for_twenty(
    quiz, run, administrator, django_assert_max_num_queries
):
    browser = browser_of(administrator)
    for more in (2, 18):
        for _ in range(more):
            sit(quiz, someone_of(run), right=0)
        address = page(quiz, version_at(quiz, 1))
        browser.get(address, {"policy": "full"})
        with django_assert_max_num_queries(14):
            browser.get(address, {"policy": "full"})


def test_a_trainer_cannot_correct_for_classes_taught_by_others(quiz, run, administrator):
    trainer = make_person(roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    sit(quiz, someone_of(run), right=0)
    version = version_at(quiz, 1)
    assert browser_of(trainer).get(page(quiz, version)).status_code == 200
    elsewhere = make_run(course=run.course)
    sit(
        quiz,
        make_enrolment(run=elsewhere, state=Enrolment.State.IN_PROGRESS),
        right=0,
        now=timezone.now() - timedelta(minutes=5),
    )
    assert browser_of(trainer).get(page(quiz, version)).status_code == 403
    with pytest.raises(NotAllowed):
        corrected(quiz, version, FULL, trainer)
    assert browser_of(administrator).get(page(quiz, version)).status_code == 200
    assert not KeyCorrection.objects.exists()
