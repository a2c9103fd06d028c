"""One account of each role to try the demo world with."""

from dataclasses import dataclass

from django.urls import reverse

from lms.users.models import User

from .loader.people import DEMO_PASSWORD

# (role in Vietnamese and English, staff code, the page where the work begins)
CHOSEN = [
    ("Học viên / learner", "VBHXH001", "courses:dashboard"),
    ("Đầu mối đơn vị / unit coordinator", "CNCC004", "courses:my_unit"),
    ("Giảng viên / trainer", "TDTBD004", "wagtailadmin_home"),
    ("Cán bộ phòng đào tạo / school administrator", "TDTBD006", "courses:runs"),
    ("Lãnh đạo trường / school leader", "TDTBD008", "reporting:overview"),
    ("Vụ Tổ chức cán bộ / ministry reader", "VTCCB004", "reporting:completion"),
    ("Quản trị hệ thống / system administrator", "TTTT005", "wagtailadmin_home"),
]


@dataclass(frozen=True)
class Account:
    role: str
    name: str
    email: str
    password: str
    first_page: str  # its path


def demo_accounts() -> list[Account]:
    """Empty when the demo world is not loaded; an account whose password was changed is left out."""
    people = {
        person.staff_code: person for person in User.objects.filter(staff_code__in=[row[1] for row in CHOSEN])
    }
    return [
        Account(
            role=title,
            name=person.get_full_name(),
            email=person.email,
            password=DEMO_PASSWORD,
            first_page=reverse(page),
        )
        for title, code, page in CHOSEN
        if (person := people.get(code)) and person.is_active and person.check_password(DEMO_PASSWORD)
    ]
