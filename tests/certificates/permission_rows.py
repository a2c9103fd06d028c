"""Rights on this room's addresses."""

from certificates.book import order_book
from certificates.models import Certificate
from courses.models import Enrolment
from lms.core import jobs
from tests.factories.certificates import make_certificate, name_the_issuer
from tests.permissions.table import DONE, Row, everyone, people


def of_run(world):
    """The code of a run with one learner to be issued a certificate."""
    name_the_issuer()
    Enrolment.objects.filter(pk=world.enrolment.pk).update(
        state=Enrolment.State.COMPLETED, completed_at=world.now, ended_at=world.now
    )
    return {"code": world.run.code}


def certificate_id(world):
    return {"pk": make_certificate(world.enrolment, files=True).pk}


def certificate_token(world):
    return {"token": make_certificate(world.enrolment, files=False).token}


def lookup_data(world):
    certificate = Certificate.objects.first() or make_certificate(world.enrolment, files=False)
    return {"number": certificate.number_text, "full_name": certificate.fields["full_name"]}


def ready_book(world):
    """The arguments of a book that the administrator ordered and a worker made."""
    job = order_book(filters={}, actor=world.administrator, now=world.now)
    jobs.run_job(job.pk)
    return {"public_id": job.public_id}


REGISTER = people(403, administrator=200, leader=200)

ROWS = [
    Row("certificates:mine", people(200)),
    Row(
        "certificates:download",
        people(404, learner=200, coordinator=200, administrator=200, leader=200),
        kwargs=certificate_id,
    ),
    Row("certificates:runs", REGISTER),
    Row("certificates:run", REGISTER, kwargs=of_run),
    Row(
        "certificates:issue",
        people(403, administrator=DONE),
        kwargs=of_run,
        method="post",
        data=lambda world: {"issued_on": world.now.date().isoformat()},
    ),
    Row("certificates:issue", people(405), kwargs=of_run, note="by GET"),
    Row("certificates:register", REGISTER),
    Row("certificates:register_print", REGISTER),
    Row("certificates:register_pdf", REGISTER),
    Row("certificates:register_xlsx", REGISTER),
    Row("certificates:register_book", people(403, administrator=DONE, leader=DONE), method="post"),
    Row("certificates:register_book", people(405), note="by GET"),
    Row("certificates:register_file", people(403, administrator=200, leader=404), kwargs=ready_book),
    Row("certificates:lookup", everyone(200)),
    Row("certificates:lookup", everyone(DONE), method="post", data=lookup_data),
    Row("certificates:verify", everyone(200), kwargs=certificate_token),
]
