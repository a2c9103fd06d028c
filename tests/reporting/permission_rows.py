"""Who gets what at the addresses of the reporting room."""

from django.utils import timezone

from lms.reporting.services import create_token
from tests.factories.requirements import require
from tests.permissions.table import DONE, Row, everyone, people

READERS = {"administrator": 200, "leader": 200, "reader": 200}
COORDINATORS = {"coordinator": 200, "other_coordinator": 200}
ALL_READERS = people(403, **READERS, **COORDINATORS)
# A unit a coordinator does not coordinate is not found.
WHOLE_MINISTRY = people(403, **READERS, coordinator=404, other_coordinator=404)
OF_UNIT_A = people(403, **READERS, coordinator=200, other_coordinator=404)
MANAGERS = people(403, system_administrator=200)


def of_a_token(world) -> dict[str, int]:
    token, _secret = create_token(
        name="Nền tảng dữ liệu",
        unit=world.unit_a,
        scopes=["units"],
        expires_on=timezone.localdate(),
        actor=world.system_administrator,
        now=world.now,
    )
    return {"token_id": token.pk}


# Whoever is signed in: the API takes tokens and looks at no session.
API = [
    Row(f"api:{name}", everyone(401))
    for name in [
        "units",
        "people",
        "results",
        "result_changes",
        "runs",
        "certificates",
        "completion",
        "obligations",
    ]
]


def obligation(world) -> dict:
    return {"code": require(actor=world.administrator).code, "person_id": world.learner.pk}


ROWS = [
    *API,
    Row("api:documentation", everyone(200)),
    Row("api:schema", everyone(200)),
    Row("reporting:tokens", MANAGERS),
    Row("reporting:token_new", MANAGERS),
    Row(
        "reporting:token_new",
        MANAGERS,
        method="post",
        data={"name": "Nền tảng dữ liệu", "unit": "A", "scopes": ["units"], "expires_on": "2999-12-31"},
    ),
    Row("reporting:token_revoke", MANAGERS, kwargs=of_a_token),
    Row("reporting:token_revoke", people(403, system_administrator=DONE), kwargs=of_a_token, method="post"),
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
