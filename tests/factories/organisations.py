"""Units and people for tests, made by the real services."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count

from lms.organisations.models import Unit, UnitKind
from lms.organisations.services import create_unit, grant_role, post_official
from lms.users.models import User

LONG_AGO = date(2010, 1, 1)
LONG_AGO_MOMENT = datetime(2010, 1, 1, 8, tzinfo=UTC)
PASSWORD = "mot-mat-khau-dai"
_numbers = count(1)


def make_unit(
    name: str = "", *, parent: Unit | None = None, code: str = "", kind: str = UnitKind.DEPARTMENT
) -> Unit:
    number = next(_numbers)
    return create_unit(
        code=code or f"DV{number}",
        name=name or f"Đơn vị {number}",
        kind=kind,
        parent=parent,
        valid_from=LONG_AGO,
        actor=None,
        now=LONG_AGO_MOMENT,
    )


def make_person(
    name: str = "",
    *,
    unit: Unit | None = None,
    roles: Iterable[str | tuple[str, Unit]] = (),
    role_unit: Unit | None = None,
    email: str = "",
    password: str = PASSWORD,
    position: str = "Chuyên viên",
    rank_name: str = "Chuyên viên",
    **fields,
) -> User:
    """A person posted in ``unit``.

    Each of ``roles`` is a role, granted on ``role_unit``, else on ``unit``, else on a new unit; or a pair of role and unit.
    """
    number = next(_numbers)
    last_name, _, first_name = (name or f"Nguyễn Văn {number}").rpartition(" ")
    person = User.objects.create_user(
        email=email or f"hoc-vien-{number}@example.test",
        password=password,
        first_name=first_name,
        last_name=last_name,
        **fields,
    )
    if unit is not None:
        post_official(
            person=person,
            unit=unit,
            valid_from=LONG_AGO,
            actor=None,
            now=LONG_AGO_MOMENT,
            position=position,
            rank_name=rank_name,
        )
    for granted in roles:
        role, on_unit = granted if isinstance(granted, tuple) else (granted, role_unit or unit or make_unit())
        grant_role(
            person=person,
            role=role,
            unit=on_unit,
            valid_from=LONG_AGO,
            actor=None,
            now=LONG_AGO_MOMENT,
        )
    return person
