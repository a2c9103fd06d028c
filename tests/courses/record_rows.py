"""Who gets what at the addresses of training records."""

from tests.factories.courses import enter_training
from tests.permissions.table import DONE, Row, people

SEES_ALL = {"administrator": 200, "leader": 200, "reader": 200}
# Who reads the record of the learner of unit A1: the coordinator above, and those who see all units.
READS_RECORD = people(404, coordinator=200, **SEES_ALL)


def learner(world) -> dict:
    return {"pk": world.learner.pk}


def training(world) -> dict:
    return {"pk": enter_training(world.learner, actor=world.coordinator).pk}


DECIDES = people(404, learner=403, coordinator=403, leader=403, reader=403, administrator=DONE)

RECORD_ROWS = [
    Row("courses:record", people(200)),
    Row("courses:person_record", {**READS_RECORD, "learner": DONE}, kwargs=learner),
    Row(
        "courses:external_add",
        people(404, learner=404, coordinator=200, administrator=200, leader=403, reader=403),
        kwargs=learner,
    ),
    Row(
        "courses:external_trainings",
        people(403, coordinator=200, other_coordinator=200, **SEES_ALL),
    ),
    Row("courses:external_training", {**READS_RECORD, "learner": 200}, kwargs=training),
    Row("courses:external_scan", {**READS_RECORD, "learner": 200}, kwargs=training),
    Row("courses:external_approve", DECIDES, kwargs=training, method="post"),
    Row(
        "courses:external_decline",
        DECIDES,
        kwargs=training,
        method="post",
        data={"reason": "Bản chụp không đọc được"},
    ),
    Row(
        "courses:external_take_back",
        people(404, learner=403, coordinator=DONE, administrator=DONE, leader=403, reader=403),
        kwargs=training,
        method="post",
    ),
]
