"""Who gets what at the addresses of the reporting room."""

from tests.factories.requirements import require
from tests.permissions.table import Row, people

READERS = {"administrator": 200, "leader": 200, "reader": 200}
COORDINATORS = {"coordinator": 200, "other_coordinator": 200}
ALL_READERS = people(403, **READERS, **COORDINATORS)
# A unit a coordinator does not coordinate is not found.
WHOLE_MINISTRY = people(403, **READERS, coordinator=404, other_coordinator=404)
OF_UNIT_A = people(403, **READERS, coordinator=200, other_coordinator=404)


def obligation(world) -> dict:
    return {"code": require(actor=world.administrator).code, "person_id": world.learner.pk}


ROWS = [
    Row("reporting:completion", ALL_READERS),
    Row("reporting:completion", OF_UNIT_A, query="?don-vi=A", note="of unit A"),
    Row("reporting:completion", OF_UNIT_A, query="?don-vi=A1", note="of a unit below A"),
    Row("reporting:completion", WHOLE_MINISTRY, query="?don-vi=ROOT", note="of the whole ministry"),
    Row("reporting:completion_file", ALL_READERS, kwargs={"extension": "xlsx"}),
    Row(
        "reporting:completion_file",
        OF_UNIT_A,
        kwargs={"extension": "csv"},
        query="?don-vi=A",
        note="of unit A",
    ),
    Row("reporting:names", ALL_READERS),
    Row("reporting:names", OF_UNIT_A, query="?don-vi=A&so-lieu=staff", note="staff of unit A"),
    Row("reporting:names_file", OF_UNIT_A, query="?don-vi=A", note="of unit A"),
    Row("reporting:explanation", OF_UNIT_A, kwargs=lambda world: {"enrolment_id": world.enrolment.pk}),
    Row("reporting:matrix", ALL_READERS),
    Row("reporting:matrix", OF_UNIT_A, query="?don-vi=A1", note="of a unit below A"),
    Row("reporting:matrix", WHOLE_MINISTRY, query="?don-vi=ROOT", note="of the whole ministry"),
    Row(
        "reporting:matrix_file", OF_UNIT_A, kwargs={"extension": "xlsx"}, query="?don-vi=A", note="of unit A"
    ),
    Row("reporting:obligation_names", ALL_READERS),
    Row("reporting:obligation_names", OF_UNIT_A, query="?don-vi=A", note="of unit A"),
    Row("reporting:obligation_names_file", OF_UNIT_A, query="?don-vi=A", note="of unit A"),
    Row("reporting:obligation", OF_UNIT_A, kwargs=obligation),
    Row("reporting:overview", ALL_READERS),
]
