"""Who gets what at the addresses of requirements."""

from datetime import date

from django.core.files.base import ContentFile
from django.utils import timezone

from courses.services.requirements import grant_exemption
from tests.factories.requirements import require
from tests.permissions.table import DONE, Row, people

SEES_ALL = people(403, administrator=200, leader=200, reader=200)
MANAGES = people(403, administrator=200)


def code(world) -> dict:
    return {"code": require(actor=world.administrator).code}


def code_and_person(world) -> dict:
    return {**code(world), "pk": world.learner.pk}


def exemption(world) -> dict:
    requirement = require(actor=world.administrator)
    granted = grant_exemption(
        requirement=requirement,
        person=world.learner,
        valid_from=date(2026, 1, 1),
        scan=ContentFile(b"%PDF-1.7", name="quyet-dinh.pdf"),
        reason="Nghỉ thai sản",
        actor=world.administrator,
        now=timezone.now(),
    )
    return {"code": requirement.code, "pk": granted.pk}


REQUIREMENT_ROWS = [
    Row("courses:requirements", SEES_ALL),
    Row("courses:requirement_create", MANAGES),
    Row("courses:requirement", SEES_ALL, kwargs=code),
    Row("courses:requirement_edit", MANAGES, kwargs=code),
    Row("courses:requirement_end", MANAGES, kwargs=code),
    Row("courses:exempt", MANAGES, kwargs=code_and_person),
    Row("courses:recognise", MANAGES, kwargs=code_and_person),
    Row("courses:exemption_scan", MANAGES, kwargs=exemption),
    Row(
        "courses:exemption_end",
        people(403, administrator=DONE),
        kwargs=exemption,
        method="post",
        data={"reason": "Đi làm lại"},
    ),
]
