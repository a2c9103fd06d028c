"""``manage.py demo_accounts``: one account of each role, for trying the demo world."""

from django.core.management.base import BaseCommand

from lms.demo.accounts import demo_accounts
from lms.demo.tables import as_table


class Command(BaseCommand):
    help = "Print one demo account of each role with its password."
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        accounts = demo_accounts()
        if not accounts:
            self.stdout.write(
                "Chưa có thế giới mẫu: chạy manage.py load_demo. / No demo world yet: run manage.py load_demo."
            )
            return
        headings = [
            "Vai trò / role",
            "Họ tên / name",
            "Thư điện tử / e-mail",
            "Mật khẩu / password",
            "Trang đầu / first page",
        ]
        rows = [
            (account.role, account.name, account.email, account.password, account.first_page)
            for account in accounts
        ]
        self.stdout.write(as_table(headings, rows))
