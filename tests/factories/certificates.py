"""Classes whose learners have completed, and certificates issued by the real services."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from wagtail.models import Site

from certificates.models import Certificate, CertificateKind
from certificates.services import store_file, take_numbers
from cms.models import SiteSettings
from courses.models import Enrolment, Run
from lms.organisations.models import Role
from lms.users.models import User

from .courses import make_course, make_enrolment, make_home, make_run
from .organisations import make_person, make_unit


def name_the_issuer(**names: str) -> SiteSettings:
    """The settings a certificate needs: school and signer."""
    make_home()
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    values = {
        "ministry_name_vi": "Bộ Lao động - Thương binh và Xã hội",
        "school_name_vi": "Trường Đào tạo, bồi dưỡng cán bộ",
        "signer_title": "Hiệu trưởng",
        "signer_name": "Trần Thị Hạnh",
        "place": "Hà Nội",
        **names,
    }
    for name, value in values.items():
        setattr(settings, name, value)
    settings.save()
    return settings


def make_administrator() -> User:
    return make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])


def make_completed_run(
    *, names: list[str] | None = None, learners: int = 3, completed_at: datetime | None = None, **fields
) -> Run:
    """A class that closed yesterday; everyone in it completed the day before."""
    name_the_issuer()
    today = timezone.localdate()
    values = {
        "opens_on": today - timedelta(days=30),
        "closes_on": today - timedelta(days=1),
        "due_on": today - timedelta(days=1),
        **fields,
    }
    course = values.pop("course", None) or make_course(modules=1, lessons=1, periods="40")
    run = make_run(course=course, **values)
    unit = make_unit()
    for name in names or [""] * learners:
        make_enrolment(
            run=run,
            learner=make_person(name, unit=unit, gender="nu", birth_date=date(1985, 3, 15)),
            state=Enrolment.State.COMPLETED,
            now=completed_at or timezone.now() - timedelta(days=2),
        )
    return run


def make_certificates(run: Run, *, actor: User | None = None, files: bool = True) -> list[Certificate]:
    """Issued to everyone eligible in the run, dated its last day."""
    actor = actor or make_administrator()
    now = timezone.now()
    take_numbers(
        run=run,
        kind=CertificateKind.CERTIFICATE,
        issued_on=min(run.closes_on, timezone.localdate()),
        actor=actor,
        now=now,
    )
    certificates = list(Certificate.objects.filter(run=run).order_by("number"))
    if files:
        for certificate in certificates:
            store_file(certificate=certificate, actor=actor, now=now)
        certificates = list(Certificate.objects.filter(run=run).order_by("number"))
    return certificates


def make_certificate(enrolment: Enrolment, **kwargs) -> Certificate:
    """The certificate of one enrolment, which is made a completed one first."""
    name_the_issuer()
    now = timezone.now() - timedelta(days=1)
    Enrolment.objects.filter(pk=enrolment.pk).update(state=Enrolment.State.COMPLETED, completed_at=now)
    issued = make_certificates(Run.objects.get(pk=enrolment.run_id), **kwargs)
    return next(certificate for certificate in issued if certificate.enrolment_id == enrolment.pk)
