"""Surveys: asked of a class, answered once, kept without a name, told in figures."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from assessments.models import SurveyIndicator, SurveyParticipation, SurveyReminder, SurveyResponse, SurveyRun
from assessments.services import survey_reminders
from assessments.services import surveys as services
from assessments.services.survey_reminders import remind_people, send_reminders
from assessments.services.surveys import close_survey, open_survey
from courses.models import Criterion, CriterionResult, Enrolment, Run, RunTrainer
from courses.outline import outline_for
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit
from tests.factories.surveys import INDICATORS, make_learners, make_survey, open_for, send

pytestmark = pytest.mark.django_db
FULL = ["5", "4", "3", "8"]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def run() -> Run:
    return make_run(course=make_course(modules=1, lessons=1))


@pytest.fixture
def learner(run):
    return make_learners(run, 1)[0]


@pytest.fixture
def administrator() -> Client:
    return browser_of(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]))


def url(name: str, opening: SurveyRun) -> str:
    return reverse(f"assessments:{name}", kwargs={"survey_id": opening.survey_id, "code": opening.run.code})


def fields(values: list[str], **more) -> dict:
    return {f"q{number}": value for number, value in enumerate(values, start=1)} | more


def said(response) -> str:
    return response.content.decode()


def closed(opening: SurveyRun) -> SurveyRun:
    return close_survey(opening=opening, actor=None, now=timezone.now())


# --- Answering ----------------------------------------------------------------------------------------------------


def test_a_learner_answers_once_and_is_thanked(run, learner):
    opening, client = open_for(run), browser_of(learner)
    page = said(client.get(url("survey", opening)))
    assert page.count("<fieldset") == 4 and page.count('type="radio"') == 5 * 3 + 10
    assert "Phiếu khảo sát này ẩn danh" in page
    sent = client.post(url("survey", opening), fields([*FULL, "Lớp học tốt"]))
    assert sent.status_code == 302 and sent.url == url("survey_thanks", opening)
    assert "Cảm ơn" in said(client.get(sent.url))
    response = SurveyResponse.objects.get()
    assert response.answers == {"1": 5, "2": 4, "3": 3, "4": 8, "5": "Lớp học tốt"}
    assert response.is_valid and response.participation is None
    participation = SurveyParticipation.objects.get()
    assert (participation.person, participation.answered_on) == (learner, TODAY)
    again = client.post(url("survey", opening), fields(FULL))
    assert "đã trả lời phiếu này" in said(again)
    assert SurveyResponse.objects.count() == 1


def test_too_little_answered_is_said_before_it_is_taken(run, learner):
    opening, client = open_for(run), browser_of(learner)
    page = client.post(url("survey", opening), fields(["5", "", "4", ""]))
    assert page.status_code == 422 and SurveyResponse.objects.count() == 0
    text = said(page)
    assert 'href="#q2"' in text and 'href="#q4"' in text and "không hợp lệ" in text
    assert 'value="5" checked' in text
    assert client.post(url("survey", opening), fields(["5", "", "4", ""], anyway="1")).status_code == 302
    assert SurveyResponse.objects.get().is_valid is False


@pytest.mark.parametrize("values", [["6", "1", "1", "1"], ["0"], ["-1"], ["²"], ["x"], [*FULL, "a" * 2001]])
def test_what_no_form_can_send_is_refused(run, learner, values):
    opening = open_for(run)
    page = browser_of(learner).post(url("survey", opening), fields(values, anyway="1"))
    assert page.status_code == 400 and SurveyParticipation.objects.count() == 0


def test_only_who_is_asked_finds_it_and_only_on_its_days(run, learner):
    opening = open_for(run)
    assert (
        browser_of(make_learners(make_run(course=run.course), 1)[0]).get(url("survey", opening)).status_code
        == 404
    )
    nominated = make_enrolment(run=run, state=Enrolment.State.NOMINATED).learner
    assert browser_of(nominated).get(url("survey", opening)).status_code == 404
    later = open_for(run, opens_on=TODAY + timedelta(days=2))
    client = browser_of(learner)
    assert "<fieldset" not in said(client.get(url("survey", later)))
    client.post(url("survey", later), fields(FULL))
    closed(opening)
    client.post(url("survey", opening), fields(FULL))
    assert SurveyParticipation.objects.count() == 0
    with pytest.raises(services.SurveyClosed):
        send(opening, learner, FULL)


def test_trainers_and_coordinators_are_asked_by_their_own_forms(run, learner):
    here = Enrolment.objects.get().unit
    trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    coordinator = make_person(unit=here, roles=[(Role.COORDINATOR, here)])
    elsewhere = make_person(unit=make_unit(), roles=[Role.COORDINATOR])
    asked = {
        "trainers": trainer,
        "coordinators": coordinator,
        "learners": learner,
    }
    for respondents, person in asked.items():
        opening = open_for(run, respondents=respondents)
        assert list(opening.asked_people(on=TODAY)) == [person]
        for other in [*asked.values(), elsewhere]:
            status = browser_of(other).get(url("survey", opening)).status_code
            assert status == (200 if other == person else 404)
        waiting = browser_of(person).get(reverse("assessments:surveys"))
        assert [row.pk for row in waiting.context["openings"]] == [opening.pk]
        send(opening, person, FULL)
        assert not browser_of(person).get(reverse("assessments:surveys")).context["openings"]


def test_the_form_is_shown_in_english(run, learner):
    opening = open_for(run, title_en="How was the class?")
    page = said(browser_of(learner).get("/en" + url("survey", opening)))
    assert (
        "How was the class?" in page and "The trainers are committed" in page and "Send the answers" in page
    )


def test_a_form_changed_later_does_not_change_what_was_asked(run, learner):
    opening = open_for(run)
    send(opening, learner, FULL)
    SurveyIndicator.objects.filter(survey=opening.survey).update(text="Câu chữ mới", kind="likert10")
    opening.survey.indicators.first().delete()
    opening.refresh_from_db()
    assert [item["text"] for item in opening.items] == [row["text"] for row in INDICATORS]
    closed(opening)
    named = open_for(run, is_anonymous=False)
    assert opening.items[0]["kind"] == "likert5" and named.items[0]["text"] == INDICATORS[0]["text"]


# --- Required before the certificate ------------------------------------------------------------------------------


def test_a_required_survey_is_the_last_step_of_the_course(learner):
    course = make_course(modules=1, lessons=0)
    run = make_run(course=course)
    enrolment = make_enrolment(run=run, learner=learner, state=Enrolment.State.IN_PROGRESS)
    opening = open_for(run, is_required=True)
    [step] = outline_for(enrolment).missing
    assert (step.title, step.url) == (opening.survey.title, url("survey", opening))
    assert step.state.label == "Chưa trả lời"
    browser_of(learner).post(url("survey", opening), fields(FULL))
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    assert CriterionResult.objects.get().evidence == ""
    assert not outline_for(enrolment).missing


def test_every_class_of_the_course_is_asked_a_required_survey(run):
    first = open_for(run, is_required=True)
    other = make_run(course=run.course)
    person = make_learners(other, 1)[0]
    address = reverse("assessments:survey", kwargs={"survey_id": first.survey_id, "code": other.code})
    assert outline_for(Enrolment.objects.get(run=other)).missing[-1].url == address
    client = browser_of(person)
    assert client.get(address).status_code == 200 and SurveyRun.objects.count() == 1
    assert client.post(address, fields(FULL)).status_code == 302
    second = SurveyRun.objects.get(run=other)
    assert (second.closes_on, second.is_required, second.content) == (other.closes_on, True, first.content)
    assert CriterionResult.objects.filter(enrolment__learner=person).exists()


def test_a_required_survey_stays_open_until_it_is_no_longer_required(run, administrator):
    with pytest.raises(services.WrongDays):
        open_for(run, is_required=True, closes_on=run.closes_on - timedelta(days=1))
    opening = open_for(run, is_required=True)
    with pytest.raises(services.StillRequired):
        closed(opening)
    person = make_learners(run, 1)[0]
    kwargs = {"survey_id": opening.survey_id, "code": run.code}
    administrator.post(reverse("assessments:unrequire_survey", kwargs=kwargs))
    assert Criterion.objects.get(kind="survey").is_active is False
    assert "survey" not in [
        getattr(step, "criterion", None)
        for step in outline_for(Enrolment.objects.get(learner=person)).missing
    ]
    opening.refresh_from_db()
    assert closed(opening).closed_at


def test_a_survey_that_is_voluntary_in_a_class_that_goes_on_cannot_become_required(run):
    survey = make_survey()
    other = make_run(course=run.course)
    open_for(other, survey=survey)
    with pytest.raises(services.WrongDays):
        open_for(run, survey=survey, is_required=True)
    Run.objects.filter(pk=other.pk).update(state=Run.State.FINISHED)
    assert open_for(run, survey=survey, is_required=True).is_required


# --- Figures ------------------------------------------------------------------------------------------------------


def figures_page(client: Client, opening: SurveyRun):
    return client.get(url("survey_results", opening))


def test_figures_of_an_anonymous_survey_come_when_it_is_closed(run, administrator):
    opening = open_for(run)
    for person in make_learners(run, 5):
        send(opening, person, [*FULL, "Cần thêm thực hành"])
    page = figures_page(administrator, opening)
    assert "results" not in page.context and "Cần thêm thực hành" not in said(page)
    assert administrator.get(url("survey_workbook", opening)).status_code == 302
    closed(opening)
    page = figures_page(administrator, opening)
    results = page.context["results"]
    assert (results.valid, results.figure.mean) == (5, 80)
    assert said(page).count("Cần thêm thực hành") == 5
    assert "80 điểm trở lên" in said(page)


def test_four_valid_answers_show_no_figure_and_no_remark(run, administrator):
    opening = open_for(run)
    learners = make_learners(run, 5)
    for person in learners[:4]:
        send(opening, person, [*FULL, "Nhận xét riêng"])
    send(opening, learners[4], ["1", "", "", "", "Nhận xét riêng"])
    page = figures_page(administrator, closed(opening))
    assert page.context["results"].invalid == 1 and page.context["overall"]["hidden"]
    assert "ít hơn 5 câu trả lời" in said(page) and "Nhận xét riêng" not in said(page)
    workbook = load_workbook(io.BytesIO(administrator.get(url("survey_workbook", opening)).content))
    cells = [cell for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "Nhận xét riêng" not in cells and not [cell for cell in cells if isinstance(cell, float)]


def test_a_named_survey_shows_figures_at_once_and_names_in_the_workbook(run, learner, administrator):
    opening = open_for(run, is_anonymous=False)
    assert "Tên của anh/chị" in said(browser_of(learner).get(url("survey", opening)))
    send(opening, learner, [*FULL, "=HYPERLINK(1)"])
    assert SurveyResponse.objects.get().participation.person == learner
    assert figures_page(administrator, opening).context["results"].valid == 1
    workbook = load_workbook(io.BytesIO(administrator.get(url("survey_workbook", opening)).content))
    rows = list(workbook.worksheets[-1].iter_rows(values_only=True))
    assert (learner.get_full_name(), 5, "'=HYPERLINK(1)") == (rows[-1][0], rows[-1][3], rows[-1][7])


def test_the_index_follows_the_classes_of_the_course_and_their_trainers(run, administrator):
    survey = make_survey()
    trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
    openings = []
    for number, values in [(5, ["5", "5", "5", "10"]), (6, ["3", "3", "3", "6"]), (2, ["1", "1", "1", "1"])]:
        other = make_run(course=run.course)
        RunTrainer.objects.create(run=other, person=trainer)
        openings.append(open_for(other, survey=survey))
        for person in make_learners(other, number):
            send(openings[-1], person, values)
    for days, opening in enumerate(reversed(openings)):
        close_survey(opening=opening, actor=None, now=NOW - timedelta(days=3 - days))
    page = figures_page(administrator, openings[0])
    assert [(point["opening"].pk, point["cells"]["mean"]) for point in page.context["points"]] == [
        (openings[2].pk, None),
        (openings[1].pk, "60,0"),
        (openings[0].pk, "100,0"),
    ]
    [row] = page.context["trainers"]
    # The class of two is in no sum: 20 answers of 100 points, 24 of 60.
    assert (row["classes"], row["cells"]["count"], row["cells"]["mean"]) == (2, 44, "78,2")
    colleague = make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=openings[0].run, person=colleague)
    assert [
        row["person"] for row in figures_page(browser_of(colleague), openings[0]).context["trainers"]
    ] == [colleague]
    assert len(figures_page(browser_of(colleague), openings[0]).context["points"]) == 1


def test_the_pages_take_the_same_queries_for_few_answers_and_for_many(
    run, administrator, django_assert_max_num_queries
):
    opening = open_for(run, is_anonymous=False)
    for count in (2, 20):
        for person in make_learners(run, count):
            send(opening, person, FULL)
        figures_page(administrator, opening)
        with django_assert_max_num_queries(26):
            figures_page(administrator, opening)


def test_the_list_of_a_class_takes_the_same_queries_for_one_survey_and_for_six(
    run, administrator, django_assert_max_num_queries
):
    page = reverse("assessments:run_surveys", kwargs={"code": run.code})
    people = make_learners(run, 2)
    for count in (1, 5):
        for _ in range(count):
            send(open_for(run), people[0], FULL)
        rows = administrator.get(page).context["rows"]
        with django_assert_max_num_queries(18):
            administrator.get(page)
    assert [(row["answered"], row["asked"]) for row in rows] == [(1, 2)] * 6


# --- Opening through the page -------------------------------------------------------------------------------------


def test_a_trainer_opens_a_survey_and_a_second_time_is_refused(run):
    survey, trainer = make_survey(), make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    client, page = browser_of(trainer), reverse("assessments:run_surveys", kwargs={"code": run.code})
    data = {"survey": survey.pk, "opens_on": TODAY, "closes_on": TODAY - timedelta(days=1)}
    assert client.post(page, data).status_code == 422
    assert client.post(page, {"survey": survey.pk, "opens_on": TODAY, "closes_on": TODAY}).status_code == 302
    assert AuditEvent.objects.filter(action="survey.opened", actor=trainer).count() == 1
    assert client.post(page, {"survey": survey.pk, "opens_on": TODAY, "closes_on": TODAY}).status_code == 422
    with pytest.raises(services.AlreadyOpened):
        open_survey(
            survey=survey, run=run, opens_on=TODAY, closes_on=TODAY, actor=trainer, now=timezone.now()
        )
    assert survey.title in said(client.get(page))


# --- Reminding ----------------------------------------------------------------------------------------------------


def test_those_who_have_not_answered_are_written_to_once_a_day(
    run, administrator, django_capture_on_commit_callbacks
):
    opening = open_for(run)
    learners = make_learners(run, 3)
    send(opening, learners[0], [*FULL, "Điều bí mật"])
    with django_capture_on_commit_callbacks() as callbacks:
        assert administrator.post(url("remind_survey", opening)).status_code == 302
    assert len(callbacks) == 1
    assert send_reminders(opening_id=opening.pk, day=TODAY) == 2
    assert {address for letter in mail.outbox for address in letter.to} == {
        person.email for person in learners[1:]
    }
    assert all(
        opening.survey.title in letter.body and "Điều bí mật" not in letter.body for letter in mail.outbox
    )
    assert send_reminders(opening_id=opening.pk, day=TODAY) == 0
    with pytest.raises(survey_reminders.RemindedToday):
        remind_people(opening=opening, actor=None, now=NOW)
    assert AuditEvent.objects.filter(action="survey.reminded").count() == 1
    assert remind_people(opening=opening, actor=None, now=NOW + timedelta(days=1)) == 2
    assert SurveyReminder.objects.count() == len(mail.outbox) == 2


def test_nobody_is_reminded_when_all_have_answered(run, learner):
    opening = open_for(run)
    send(opening, learner, FULL)
    with pytest.raises(survey_reminders.NobodyToRemind):
        remind_people(opening=opening, actor=None, now=NOW)
