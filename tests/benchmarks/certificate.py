"""One certificate is issued: number, page, file and register against the rendering of the same page alone.

The floor is ``render_certificate`` of what one certificate says. Issuing it also takes its number under the counter's
lock, freezes its words, writes the file so that it survives a power cut, and leaves two events in the audit trail.
"""

from django.db import connection

from certificates.models import Certificate, CertificateKind
from certificates.pdf import render_certificate
from certificates.services import issue_certificates
from courses.models import Run
from lms.organisations.models import Role
from tests.factories.certificates import make_completed_run
from tests.factories.courses import make_course
from tests.factories.organisations import make_person, make_unit

from .harness import Measured, compare

KIND = CertificateKind.CERTIFICATE


def certificate(*, size: float, rounds: int) -> list[Measured]:
    """Each round a class of one; what a certificate costs does not depend on how many there are."""
    unit = make_unit("Vụ Tổ chức cán bộ")
    actor = make_person(unit=unit, roles=[Role.SCHOOL_ADMINISTRATOR])
    course = make_course(modules=1, lessons=1, title="Ứng dụng công nghệ thông tin trong cải cách hành chính")
    classes: list[Run] = []

    def complete_another_class() -> None:
        classes.append(make_completed_run(course=course, names=["Nguyễn Thị Minh Ánh"]))

    def issue() -> None:
        run = classes.pop()
        issue_certificates(run=run, kind=KIND, issued_on=run.closes_on, actor=actor, progress=lambda *_: None)

    complete_another_class()
    issue()
    example = Certificate.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    measured = compare(
        name="certificate",
        floor="PDF of the same page alone",
        floor_run=lambda: render_certificate(
            kind=example.kind,
            fields=example.fields,
            template_version=example.template_version,
            made_at=example.issued_at,
        ),
        ours_run=issue,
        before_ours=complete_another_class,
        gate=2.0,
        rounds=min(rounds, 30),
    )
    return [measured]
