"""A process that writes an account and then stands still where its audit event would be written.

``python -m tests.faults.halfway service|control MARK`` on the database of the environment: ``service`` is the service as it
is, ``control`` the same write with no transaction round it. MARK is made when the row has been written.
"""

import sys
import time
from pathlib import Path

import django


def main(way: str, mark: str) -> None:
    django.setup()
    from django.utils import timezone

    from lms.users import services
    from lms.users.models import User

    def stand_still(**_event) -> None:
        Path(mark).touch()
        time.sleep(600)

    if way == "service":
        services.record_event = stand_still
        services.create_person(
            email="giua-chung@bo.example", last_name="Trần", first_name="Dở", actor=None, now=timezone.now()
        )
    else:
        User.objects.create_user(email="giua-chung@bo.example", last_name="Trần", first_name="Dở")
        stand_still()


if __name__ == "__main__":
    main(*sys.argv[1:])
