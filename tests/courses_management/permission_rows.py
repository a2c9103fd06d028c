"""Who gets what at the addresses of classes and units."""

from courses.models import Enrolment, Run
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person
from tests.permissions.table import DONE, Row, people


def run_of(world) -> dict:
    return {"code": world.run.code}


def nomination_run(world) -> dict:
    return {"code": make_run(course=world.course, policy=Run.Policy.NOMINATION).code}


def nomination(world) -> Enrolment:
    return make_enrolment(
        run=world.run, learner=make_person(unit=world.unit_a1), state=Enrolment.State.NOMINATED
    )


def unit_a1(world) -> dict:
    return {"code": world.unit_a1.code}


SEES_ALL = {"administrator": 200, "leader": 200, "reader": 200}
# Who sees the run: the school, the ministry, and who teaches it.
READS_RUN = people(404, trainer=200, **SEES_ALL)
CHANGES_RUN = people(404, trainer=403, leader=403, reader=403, administrator=DONE)
NOMINATES = people(403, coordinator=200, other_coordinator=200, administrator=200)
READS_UNIT = people(404, coordinator=200, **SEES_ALL)

ROWS = [
    Row("courses:runs", people(403, **SEES_ALL)),
    Row("courses:run_create", people(403, administrator=200)),
    Row("courses:run_create", people(403, administrator=400), method="post", note="nothing filled in"),
    Row("courses:my_runs", people(403, trainer=200, other_trainer=200)),
    Row("courses:nominations", NOMINATES),
    Row(
        "courses:nomination_take_back",
        people(403, coordinator=DONE, other_coordinator=404, administrator=DONE),
        kwargs=lambda world: {"pk": nomination(world).pk},
        method="post",
        data={"reason": "Bận công tác"},
    ),
    Row("courses:run", READS_RUN, kwargs=run_of),
    Row(
        "courses:run_edit", people(404, trainer=403, leader=403, reader=403, administrator=200), kwargs=run_of
    ),
    Row("courses:run_open", CHANGES_RUN, kwargs=run_of, method="post"),
    Row("courses:run_finish", CHANGES_RUN, kwargs=run_of, method="post"),
    Row("courses:nominate", NOMINATES, kwargs=nomination_run),
    Row(
        "courses:nominate",
        people(403, coordinator=DONE, other_coordinator=DONE, administrator=DONE),
        kwargs=nomination_run,
        method="post",
        data=lambda world: {"person": [world.learner.pk], "confirmed": "1"},
    ),
    Row("courses:run_nominations", people(404, trainer=403, **SEES_ALL), kwargs=run_of),
    Row("courses:nominations_approve", CHANGES_RUN, kwargs=run_of, method="post", data={"all": "1"}),
    Row(
        "courses:nomination_decline",
        CHANGES_RUN,
        kwargs=lambda world: {"code": world.run.code, "pk": nomination(world).pk},
        method="post",
        data={"reason": "Chưa đúng đối tượng"},
    ),
    Row("courses:run_learners", READS_RUN, kwargs=run_of),
    Row("courses:run_learners_export", READS_RUN, kwargs=run_of),
    Row(
        "courses:enrolment_withdraw",
        CHANGES_RUN,
        kwargs=lambda world: {"code": world.run.code, "pk": world.enrolment.pk},
        method="post",
        data={"reason": "Nghỉ ốm dài ngày"},
    ),
    Row("courses:my_unit", people(403, coordinator=200, other_coordinator=200, **SEES_ALL)),
    Row("courses:unit", READS_UNIT, kwargs=unit_a1),
    Row("courses:unit_staff", READS_UNIT, kwargs=unit_a1),
    Row("courses:unit_staff_export", READS_UNIT, kwargs=unit_a1),
]
