"""Units in the CMS admin: the tree, a unit's page, and a change from its form over its preview to its undoing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cms.groups import ensure_groups
from courses.models import Enrolment
from lms.core.models import AuditEvent
from lms.organisations.change_forms import CHANGE_FORMS
from lms.organisations.models import Posting, Role, Unit, UnitEvent
from lms.users.models import User
from tests.factories.courses import make_enrolment
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = "2025-03-01"


@pytest.fixture(autouse=True)
def superuser(client):
    user = User.objects.create_superuser("quan.tri@don-vi.example", first_name="Trị", last_name="Quản")
    client.force_login(user)
    return user


@pytest.fixture
def ministry():
    return make_unit("Bộ Mẫu", code="BM", kind="bo")


def address(unit: Unit | None, kind: str) -> str:
    return reverse("units:change_unit", args=[unit.pk, kind]) if unit else reverse("units:add")


def confirm(client, unit, kind, data):
    """The preview, and then the confirmation of what it showed."""
    shown = client.post(address(unit, kind), data)
    assert shown.status_code == 200 and "preview" in shown.context, shown.context["form"].errors
    return client.post(
        address(unit, kind), data | {"confirmed": shown.context["preview"].fingerprint}, follow=True
    )


def test_a_unit_is_founded_and_renamed(client, ministry):
    data = {"code": "VPC", "name": "Vụ Pháp chế", "unit_kind": "vu", "parent": "bm", "on": "2019-01-01"}
    confirm(client, None, "create", data)
    unit = Unit.objects.get(code="VPC")
    assert unit.path == ministry.path + "0001"
    form = client.get(address(unit, "rename")).context["form"]
    assert form["name"].value() == "Vụ Pháp chế"
    page = confirm(
        client, unit, "rename", {"code": "VPC", "name": "Vụ Pháp luật", "unit_kind": "vu", "on": DAY}
    )
    unit.refresh_from_db()
    assert unit.name == "Vụ Pháp luật" and unit.versions.count() == 2
    assert "Vụ Pháp luật" in page.content.decode()
    page = client.get(reverse("units:edit", args=[unit.pk])).content.decode()
    assert "Vụ Pháp chế" in page and "28/02/2025" not in page and "01/03/2025" in page


def test_a_preview_says_whom_it_concerns_and_writes_nothing(client, ministry):
    unit, _heir = make_unit("Vụ Cũ", parent=ministry), make_unit("Vụ Nhận", parent=ministry, code="VN")
    person = make_person("Trần Thị Đi", unit=unit, roles=[Role.COORDINATOR])
    make_enrolment(learner=person, state=Enrolment.State.IN_PROGRESS)
    events = AuditEvent.objects.count()
    shown = client.post(address(unit, "merge"), {"into": "vn", "on": DAY})
    preview = shown.context["preview"]
    assert (preview.people, preview.names) == (1, ["Trần Thị Đi"])
    assert [n for _label, n in preview.moved] == [1] and len(preview.roles) == 1
    assert {(change.code, change.after is None) for change in preview.units} == {(unit.code, True)}
    assert AuditEvent.objects.count() == events and not UnitEvent.objects.exists()
    assert Posting.objects.get().unit == unit


def test_what_has_changed_since_the_preview_is_shown_again(client, ministry):
    unit, _heir = make_unit(parent=ministry), make_unit(parent=ministry, code="VN")
    data = {"into": "VN", "on": DAY}
    fingerprint = client.post(address(unit, "merge"), data).context["preview"].fingerprint
    make_person(unit=unit)
    again = client.post(address(unit, "merge"), data | {"confirmed": fingerprint})
    assert again.context["stale"] and not UnitEvent.objects.exists()
    back = client.post(address(unit, "merge"), data | {"edit": "1"})
    assert "preview" not in back.context and back.context["form"]["into"].value() == "VN"


@pytest.mark.parametrize("kind", CHANGE_FORMS)
def test_every_change_has_a_form_that_opens(client, ministry, kind):
    unit = make_unit(parent=ministry)
    assert client.get(address(unit, kind)).status_code == 200


def test_split_transfer_move_and_dissolution_go_through_their_forms(client, ministry):
    unit, other = make_unit("Vụ Chung", parent=ministry), make_unit(parent=ministry, code="KHAC")
    make_person(unit=unit, staff_code="CB1")
    confirm(client, unit, "transfer", {"to": "KHAC", "people": "cb1", "on": DAY})
    assert Posting.objects.on(TODAY).get().unit == other
    section = make_unit("Phòng", parent=unit, code="PHONG")
    confirm(client, section, "move", {"parent": "KHAC", "on": DAY})
    data = {
        "code_1": "A", "name_1": "Vụ A", "unit_kind_1": "vu", "code_2": "B", "name_2": "Vụ B", "unit_kind_2": "vu",
        "on": DAY,
    }  # fmt: skip
    confirm(client, unit, "split", data)
    confirm(client, other, "dissolve", {"people_to": "A", "on": TODAY.isoformat()})
    assert Posting.objects.on(TODAY).get().unit.code == "A"
    assert Unit.objects.get(code="PHONG").parent == ministry


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("merge", {"into": "KHONG-CO"}, "into"),
        ("merge", {}, "__all__"),
        ("transfer", {"to": "BM", "people": "khong-ai"}, "people"),
        ("move", {"parent": "BM", "on": "ngày mai"}, "on"),
        ("move", {"parent": "BM", "on": (TODAY + timedelta(days=1)).isoformat()}, "__all__"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(client, ministry, kind, data, field):
    unit = make_unit()
    shown = client.post(address(unit, kind), {"on": DAY} | data)
    assert field in shown.context["form"].errors and "preview" not in shown.context


def test_a_change_is_undone_from_its_page_and_says_what_stands_in_the_way(client, ministry):
    unit, heir = make_unit(parent=ministry), make_unit(parent=ministry, code="VN")
    confirm(client, unit, "merge", {"into": "VN", "on": DAY})
    merger = UnitEvent.objects.get()
    confirm(client, heir, "rename", {"code": "VN", "name": "Tên mới", "unit_kind": "vu", "on": "2025-04-01"})
    page = client.post(reverse("units:undo", args=[merger.pk]), follow=True)
    assert not UnitEvent.objects.get(pk=merger.pk).undone_at
    assert any(message.level_tag == "error" for message in page.context["messages"])
    client.post(reverse("units:undo", args=[UnitEvent.objects.latest("pk").pk]))
    client.post(reverse("units:undo", args=[merger.pk]))
    assert Unit.objects.existing().filter(pk=unit.pk).exists()
    assert client.get(reverse("units:events")).status_code == 200


def test_the_scan_of_a_decision_is_kept_and_given_back(client, ministry):
    confirm(client, ministry, "rename", {"code": "BM", "name": "Bộ Khác", "unit_kind": "bo", "on": DAY})
    event = UnitEvent.objects.get()
    place = reverse("units:scan", args=[event.pk])
    assert client.get(place).status_code == 404
    wrong = client.post(place, {"scan": SimpleUploadedFile("qd.pdf", b"<html>")})
    assert wrong.context["scan_form"].errors
    client.post(place, {"scan": SimpleUploadedFile("qd.pdf", b"%PDF-1.7 mau")})
    assert b"".join(client.get(place).streaming_content) == b"%PDF-1.7 mau"


def test_the_tree_opens_level_by_level(client, ministry):
    child = make_unit("Cục Việc làm", parent=ministry)
    make_unit("Phòng Sâu", parent=child)
    make_unit("Bộ Khác", kind="bo")
    first = client.get(reverse("units:index")).content.decode()
    assert "Bộ Mẫu" in first and "Cục Việc làm" not in first
    level = client.get(reverse("units:children", args=[ministry.pk])).content.decode()
    assert "Cục Việc làm" in level and "Phòng Sâu" not in level and "<html" not in level


def test_units_are_found_without_marks_also_those_that_ended(client, ministry):
    unit, _heir = make_unit("Cục Quản lý lao động", parent=ministry), make_unit(parent=ministry, code="VN")
    confirm(client, unit, "merge", {"into": "VN", "on": DAY})
    page = client.get(reverse("units:index"), {"q": "quan ly LAO dong"}).content.decode()
    assert "Cục Quản lý lao động" in page and "01/03/2025" in page
    suggested = client.get(reverse("units:search"), {"q": "cuc quan ly"}).json()
    assert suggested == {"units": []}


def test_the_tree_of_a_day_gone_by(client, ministry):
    unit, _heir = make_unit("Vụ Xưa", parent=ministry), make_unit("Vụ Nay", parent=ministry, code="VN")
    confirm(client, unit, "merge", {"into": "VN", "on": DAY})
    assert "Vụ Xưa" in client.get(reverse("units:index"), {"ngay": "2025-02-28"}).content.decode()
    assert "Vụ Xưa" not in client.get(reverse("units:index")).content.decode()
    csv = client.get(reverse("units:export"), {"ngay": "2025-02-28", "tep": "csv"}).content.decode(
        "utf-8-sig"
    )
    assert "Vụ Xưa" in csv and client.get(reverse("units:export")).content[:2] == b"PK"


@pytest.mark.parametrize("name", ["index", "events"])
def test_lists_ask_a_constant_number_of_questions(client, ministry, name, django_assert_max_num_queries):
    for number in range(15):
        unit = make_unit(parent=ministry)
        make_person(unit=unit)
        confirm(
            client, unit, "rename", {"code": unit.code, "name": f"N{number}", "unit_kind": "vu", "on": DAY}
        )
    client.get(reverse(f"units:{name}"))
    with django_assert_max_num_queries(15):
        client.get(reverse(f"units:{name}"))


@pytest.mark.parametrize("name", ["index", "add", "search", "events", "export"])
def test_only_the_system_administrator_comes_in(client, ministry, name):
    ensure_groups()
    trainer = make_person(unit=ministry, roles=[Role.TRAINER])
    client.force_login(trainer)
    assert client.get(reverse(f"units:{name}")).status_code in (302, 403)
    system = make_person(unit=ministry, roles=[Role.SYSTEM_ADMINISTRATOR])
    client.force_login(system)
    assert client.get(reverse(f"units:{name}")).status_code == 200
