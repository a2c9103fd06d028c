"""Classes are made, changed, opened and finished by the training department alone, and every step is on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courses.models import Enrolment, Run
from courses.services.runs import (
    CapacityTooSmall,
    CodeTaken,
    CodeUnreadable,
    CourseFixed,
    DatesDoNotFit,
    DecisionMissing,
    PolicyFixed,
    RunMoved,
    TrainerUnknown,
    create_run,
    finish_run,
    open_run,
    update_run,
)
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
DECISION = {"decision_number": "12/QĐ-TĐT", "decision_date": TODAY, "decision_signer": "Trần Thị Bình"}


@pytest.fixture
def administrator():
    return make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])


def new_run(actor, **fields) -> Run:
    values = {
        "course": fields.pop("course", None) or make_course(modules=1, lessons=1),
        "code": "CCHC-2025.01",
        "title": "Lớp bồi dưỡng cải cách hành chính",
        "opens_on": TODAY,
        "closes_on": TODAY + timedelta(days=10),
        "due_on": TODAY + timedelta(days=8),
        **fields,
    }
    return create_run(**values, actor=actor, now=NOW)


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


def test_a_new_class_is_in_preparation_and_on_record(administrator):
    run = new_run(administrator, code=" cchc-2025.01 ")
    assert (run.state, run.code) == (Run.State.DRAFT, "CCHC-2025.01")
    assert last_event().action == "run.created" and last_event().actor == administrator


@pytest.mark.parametrize("role", [r for r in Role.values if r != Role.SCHOOL_ADMINISTRATOR])
def test_nobody_but_the_training_department_makes_or_moves_classes(role):
    actor = make_person(unit=make_unit(), roles=[role])
    run = make_run(course=make_course(modules=0))
    with pytest.raises(NotAllowed):
        new_run(actor, course=run.course)
    for service in (update_run, open_run, finish_run):
        with pytest.raises(NotAllowed):
            service(run=run, actor=actor, now=NOW)


def test_two_classes_cannot_share_a_code(administrator):
    new_run(administrator)
    with pytest.raises(CodeTaken):
        new_run(administrator, code="cchc-2025.01")


@pytest.mark.parametrize("code", ["LỚP 1", "12/QĐ", "-1", "a b", ""])
def test_a_code_that_cannot_stand_in_an_address_is_refused(administrator, code):
    with pytest.raises(CodeUnreadable):
        new_run(administrator, code=code)


@pytest.mark.parametrize(("closes", "due"), [(-1, -1), (10, 11), (10, -1)])
def test_days_that_do_not_fit_are_refused(administrator, closes, due):
    with pytest.raises(DatesDoNotFit):
        new_run(administrator, closes_on=TODAY + timedelta(days=closes), due_on=TODAY + timedelta(days=due))


def test_a_class_units_send_people_to_opens_only_with_its_decision(administrator):
    run = new_run(administrator)
    with pytest.raises(DecisionMissing):
        open_run(run=run, actor=administrator, now=NOW)
    update_run(run=run, actor=administrator, now=NOW, **DECISION)
    assert open_run(run=run, actor=administrator, now=NOW).state == Run.State.OPEN
    assert last_event().action == "run.opened"


def test_a_self_paced_class_opens_without_a_decision(administrator):
    run = new_run(administrator, policy=Run.Policy.SELF)
    assert open_run(run=run, actor=administrator, now=NOW).state == Run.State.OPEN


def test_a_class_opens_once_finishes_once_and_may_be_opened_again(administrator):
    run = new_run(administrator, **DECISION)
    stale = Run.objects.get(pk=run.pk)
    open_run(run=run, actor=administrator, now=NOW)
    with pytest.raises(RunMoved):
        open_run(run=stale, actor=administrator, now=NOW)
    finish_run(run=stale, actor=administrator, now=NOW)
    with pytest.raises(RunMoved):
        finish_run(run=run, actor=administrator, now=NOW)
    assert open_run(run=run, actor=administrator, now=NOW).state == Run.State.OPEN


def test_a_finished_class_does_not_change(administrator):
    run = make_run(course=make_course(modules=0), state=Run.State.FINISHED)
    with pytest.raises(RunMoved):
        update_run(run=run, title="Khác", actor=administrator, now=NOW)


def test_finishing_leaves_completed_and_late_learners_as_they_are(administrator):
    run = make_run()
    states = [Enrolment.State.COMPLETED, Enrolment.State.IN_PROGRESS]
    rows = [make_enrolment(run=run, state=state) for state in states]
    finish_run(run=run, actor=administrator, now=NOW)
    assert [Enrolment.objects.get(pk=row.pk).state for row in rows] == states


def test_a_change_says_what_was_before_and_what_is_after(administrator):
    run = new_run(administrator)
    update_run(run=run, capacity=40, actor=administrator, now=NOW)
    assert last_event().data["changes"] == {"capacity": [None, 40]}
    events = AuditEvent.objects.count()
    update_run(run=run, capacity=40, actor=administrator, now=NOW)
    assert AuditEvent.objects.count() == events


def test_a_new_deadline_reaches_those_who_study_and_not_those_who_have_ended(administrator):
    run = make_run()
    studying = make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)
    completed = make_enrolment(run=run, state=Enrolment.State.COMPLETED)
    due = run.closes_on
    update_run(run=run, due_on=due, actor=administrator, now=NOW)
    studying.refresh_from_db()
    completed.refresh_from_db()
    assert (studying.due_on, completed.due_on) == (due, run.due_on)


def test_places_cannot_become_fewer_than_those_taken(administrator):
    run = make_run(capacity=10)
    for _ in range(3):
        make_enrolment(run=run)
    make_enrolment(run=run, state=Enrolment.State.NOMINATED)
    with pytest.raises(CapacityTooSmall):
        update_run(run=run, capacity=2, actor=administrator, now=NOW)
    assert update_run(run=run, capacity=3, actor=administrator, now=NOW).capacity == 3


def test_course_and_way_of_enrolment_stay_once_somebody_is_on_the_list(administrator):
    run = make_run(**DECISION)
    make_enrolment(run=run)
    with pytest.raises(PolicyFixed):
        update_run(run=run, policy=Run.Policy.NOMINATION, actor=administrator, now=NOW)
    with pytest.raises(CourseFixed):
        update_run(run=run, course=make_course(modules=0), actor=administrator, now=NOW)


def test_only_trainers_teach_and_the_list_is_what_was_said_last(administrator):
    trainers = [make_person(unit=make_unit(), roles=[Role.TRAINER]) for _ in range(2)]
    run = new_run(administrator, trainers=trainers[:1])
    update_run(run=run, trainers=trainers[1:], actor=administrator, now=NOW)
    assert [link.person for link in run.trainer_links.all()] == trainers[1:]
    with pytest.raises(TrainerUnknown):
        update_run(run=run, trainers=[make_person()], actor=administrator, now=NOW)
