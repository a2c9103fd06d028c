"""The small world the table of rights is checked in."""

from types import SimpleNamespace

from django.utils import timezone

from courses.models import Enrolment, RunTrainer
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit


def build_world() -> SimpleNamespace:
    root = make_unit("Bộ", code="ROOT")
    unit_a, unit_b = make_unit("Vụ A", code="A", parent=root), make_unit("Vụ B", code="B", parent=root)
    unit_a1 = make_unit("Phòng A1", code="A1", parent=unit_a)
    course = make_course(modules=1, lessons=2)
    run = make_run(course=course)
    world = SimpleNamespace(
        now=timezone.now(),
        root=root,
        unit_a=unit_a,
        unit_a1=unit_a1,
        unit_b=unit_b,
        course=course,
        run=run,
        learner=make_person(unit=unit_a1),
        other_learner=make_person(unit=unit_b),
        trainer=make_person(unit=root, roles=[(Role.TRAINER, root)]),
        other_trainer=make_person(unit=root, roles=[(Role.TRAINER, root)]),
        coordinator=make_person(unit=unit_a, roles=[(Role.COORDINATOR, unit_a)]),
        other_coordinator=make_person(unit=unit_b, roles=[(Role.COORDINATOR, unit_b)]),
        administrator=make_person(unit=root, roles=[(Role.SCHOOL_ADMINISTRATOR, root)]),
        leader=make_person(unit=root, roles=[(Role.SCHOOL_LEADER, root)]),
        reader=make_person(unit=root, roles=[(Role.MINISTRY_READER, root)]),
        system_administrator=make_person(unit=root, roles=[(Role.SYSTEM_ADMINISTRATOR, root)]),
    )
    RunTrainer.objects.create(run=run, person=world.trainer)
    world.enrolment = make_enrolment(run=run, learner=world.learner, state=Enrolment.State.IN_PROGRESS)
    return world
