"""The pages: issuing with its bar, the register in all its forms, downloads, verification."""

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook
from pypdf import PdfReader

from certificates.models import Certificate
from courses.models import Enrolment
from lms.core import jobs
from lms.core.models import Job
from lms.organisations.models import Role
from tests.factories.certificates import (
    make_administrator,
    make_certificate,
    make_certificates,
    make_completed_run,
)
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def vietnamese():
    """A request for an English page leaves its language behind in this thread."""
    with translation.override("vi"):
        yield


def english(name: str, *args) -> str:
    with translation.override("en"):
        return reverse(name, args=args)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def administrator() -> Client:
    return signed_in(make_administrator())


# --- Issuing -------------------------------------------------------------------------------------------------
def test_one_action_issues_the_class_and_the_page_shows_its_bar(administrator):
    run = make_completed_run(learners=3)
    page = reverse("certificates:run", args=[run.code])
    asked = administrator.post(
        reverse("certificates:issue", args=[run.code]), {"issued_on": run.closes_on.isoformat()}
    )
    assert asked.url == page
    job = Job.objects.get()
    assert reverse("core:job_status", args=[job.public_id]) in administrator.get(page).content.decode()
    jobs.run_job(job.pk)
    after = administrator.get(page, {"tab": "issued"}).content.decode()
    assert reverse("core:job_status", args=[job.public_id]) not in after
    for certificate in Certificate.objects.all():
        assert certificate.number_text in after
        assert reverse("certificates:download", args=[certificate.pk]) in after


def test_the_page_says_who_is_not_eligible_and_why(administrator):
    run = make_completed_run(learners=1)
    states = Enrolment.State
    long_ago = timezone.localdate() - timedelta(days=9)
    make_enrolment(run=run, state=states.NOMINATED)
    make_enrolment(run=run, state=states.IN_PROGRESS, steps_total=12, steps_done=5, due_on=long_ago)
    make_enrolment(run=run, state=states.ENROLLED, steps_total=12, due_on=timezone.localdate())
    make_enrolment(run=run, state=states.WITHDRAWN, end_reason="Chuyển công tác")
    make_enrolment(run=run, state=states.FAILED)
    response = administrator.get(english("certificates:run", run.code), {"tab": "others"})
    reasons = {row["enrolment"].state: row["reason"] for row in response.context["rows"]}
    assert reasons[states.NOMINATED] == "Nominated, not yet approved into the class."
    assert "7 of 12" in reasons[states.IN_PROGRESS]
    assert "Overdue since" in reasons[states.IN_PROGRESS]
    assert reasons[states.ENROLLED] == "Has not begun to study."
    assert reasons[states.WITHDRAWN] == "Withdrew from the class. Chuyển công tác"
    assert reasons[states.FAILED] == "Did not pass."


def test_a_date_in_the_future_is_answered_in_words_and_issues_nothing(administrator):
    run = make_completed_run(learners=1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = administrator.post(
        english("certificates:issue", run.code),
        {"issued_on": tomorrow.isoformat()},
        follow=True,
    )
    assert "The date of issue cannot lie in the future." in response.content.decode()
    assert not Job.objects.exists()


def test_nothing_is_issued_by_a_plain_get(administrator):
    run = make_completed_run(learners=1)
    assert administrator.get(reverse("certificates:issue", args=[run.code])).status_code == 405


def test_the_closing_day_is_offered_as_the_date_of_issue(administrator):
    run = make_completed_run(learners=1)
    response = administrator.get(reverse("certificates:run", args=[run.code]))
    assert response.context["form"]["issued_on"].initial == run.closes_on
    running = make_run()
    make_enrolment(run=running, state=Enrolment.State.COMPLETED)
    response = administrator.get(reverse("certificates:run", args=[running.code]))
    assert response.context["form"]["issued_on"].initial == timezone.localdate()


def test_the_class_page_takes_the_same_number_of_queries_however_large(
    administrator, django_assert_max_num_queries
):
    small, large = make_completed_run(learners=2), make_completed_run(learners=30)
    make_certificates(large, files=False)
    for run, tab in ((small, "eligible"), (large, "issued"), (large, "others")):
        with django_assert_max_num_queries(25):
            administrator.get(reverse("certificates:run", args=[run.code]), {"tab": tab})


def test_the_list_of_classes_counts_and_filters(administrator, django_assert_max_num_queries):
    waiting = make_completed_run(learners=2)
    issued = make_completed_run(learners=1)
    make_certificates(issued, files=False)
    for _ in range(5):
        make_run(course=waiting.course)
    with django_assert_max_num_queries(20):
        response = administrator.get(reverse("certificates:runs"))
    counts = {run.code: (run.completed, run.issued, run.to_issue) for run in response.context["page_obj"]}
    assert counts[waiting.code] == (2, 0, 2)
    assert counts[issued.code] == (1, 1, 0)
    only = administrator.get(reverse("certificates:runs"), {"waiting": "on"}).context["page_obj"]
    assert [run.code for run in only] == [waiting.code]


# --- The register --------------------------------------------------------------------------------------------
@pytest.fixture
def two_classes():
    first = make_completed_run(names=["Nguyễn Thị Đào", "Lê Văn Ân"])
    second = make_completed_run(names=["=cmd|' /C calc'!A0 An"])
    make_certificates(first, files=False)
    make_certificates(second, files=False)
    return first, second


def names(response) -> list[str]:
    return [row["full_name"] for row in response.context["rows"]]


def test_the_register_is_filtered_searched_without_marks_and_sorted(administrator, two_classes):
    first, second = two_classes
    url = reverse("certificates:register")
    assert len(names(administrator.get(url))) == 3
    assert names(administrator.get(url, {"q": "dao"})) == ["Nguyễn Thị Đào"]
    assert len(names(administrator.get(url, {"run": first.code}))) == 2
    assert names(administrator.get(url, {"sort": "name", "run": first.code})) == [
        "Lê Văn Ân",
        "Nguyễn Thị Đào",
    ]
    assert names(
        administrator.get(url, {"year": first.closes_on.year, "kind": "chung_chi", "run": second.code})
    )
    assert names(administrator.get(url, {"kind": "tap_huan"})) == []


def test_the_register_takes_the_same_number_of_queries_however_long(
    administrator, django_assert_max_num_queries
):
    make_certificates(make_completed_run(learners=40), files=False)
    with django_assert_max_num_queries(20):
        administrator.get(reverse("certificates:register"))


def test_the_workbook_holds_the_columns_of_the_book_and_no_formula(administrator, two_classes):
    response = administrator.get(english("certificates:register_xlsx"))
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    headings = list(rows[0])
    assert headings[:4] == ["Register number", "Serial of the form", "Full name", "Birth date"]
    assert len(rows) == 4
    shown = [row[headings.index("Full name")] for row in rows[1:]]
    assert "'=cmd|' /C calc'!A0 An" in shown
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert rows[1][headings.index("Date of issue")].date() == two_classes[0].closes_on


def test_the_filter_holds_for_the_workbook_and_the_pdf(administrator, two_classes):
    query = {"run": two_classes[1].code}
    workbook = administrator.get(reverse("certificates:register_xlsx"), query)
    assert load_workbook(io.BytesIO(workbook.content)).active.max_row == 2
    pdf = PdfReader(io.BytesIO(administrator.get(reverse("certificates:register_pdf"), query).content))
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert "SỔ CẤP CHỨNG CHỈ" in text
    assert "Đào" not in text
    assert pdf.pages[0].mediabox.width > pdf.pages[0].mediabox.height


def test_a_long_book_is_made_in_the_background_and_opened_from_its_bar(monkeypatch):
    make_certificates(make_completed_run(learners=7), files=False)
    monkeypatch.setattr("certificates.views.register.ROWS_AT_ONCE", 5)
    client = signed_in(make_administrator())
    register = client.get(reverse("certificates:register"), {"q": "cc"}).content.decode()
    order = reverse("certificates:register_book") + "?q=cc"
    assert f'action="{order}"' in register
    ordered = client.post(order)
    job = Job.objects.get()
    assert reverse("core:job_status", args=[job.public_id]) in client.get(ordered.url).content.decode()
    file = reverse("certificates:register_file", args=[job.public_id])
    assert client.get(file).status_code == 404
    jobs.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.progress_done, job.progress_total) == (Job.State.SUCCEEDED, 7, 7)
    assert file in client.get(reverse("core:job_status", args=[job.public_id])).content.decode()
    pages = PdfReader(io.BytesIO(b"".join(client.get(file).streaming_content))).pages
    text = " ".join(page.extract_text() for page in pages)
    assert all(number in text for number in Certificate.objects.values_list("number_text", flat=True))
    assert signed_in(make_administrator()).get(file).status_code == 200
    leader = make_person(unit=make_unit(), roles=[Role.SCHOOL_LEADER])
    assert signed_in(leader).get(file).status_code == 404


def test_the_print_view_shows_the_book_in_the_order_of_numbers(administrator, two_classes):
    rows = administrator.get(reverse("certificates:register_print")).context["rows"]
    assert [row["number_text"][:4] for row in rows] == ["0001", "0002", "0003"]


# --- Holders -------------------------------------------------------------------------------------------------
def test_a_holder_finds_and_downloads_the_own_certificate():
    enrolment = make_enrolment()
    certificate = make_certificate(enrolment)
    client = signed_in(enrolment.learner)
    url = reverse("certificates:download", args=[certificate.pk])
    assert url in client.get(reverse("certificates:mine")).content.decode()
    response = client.get(url)
    content = b"".join(response.streaming_content)
    assert content.startswith(b"%PDF-")
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_nobody_else_learns_that_a_certificate_exists():
    enrolment = make_enrolment()
    certificate = make_certificate(enrolment)
    url = reverse("certificates:download", args=[certificate.pk])
    other_unit = make_unit()
    for person in (
        make_person(unit=enrolment.unit),
        make_person(unit=other_unit, roles=[(Role.COORDINATOR, other_unit)]),
        make_person(unit=other_unit, roles=[(Role.MINISTRY_READER, other_unit)]),
        make_person(unit=other_unit, roles=[(Role.TRAINER, other_unit)]),
    ):
        assert signed_in(person).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_coordinator_of_the_unit_above_may_download():
    parent = make_unit()
    enrolment = make_enrolment(learner=make_person(unit=make_unit(parent=parent)))
    certificate = make_certificate(enrolment)
    coordinator = make_person(unit=parent, roles=[(Role.COORDINATOR, parent)])
    assert (
        signed_in(coordinator).get(reverse("certificates:download", args=[certificate.pk])).status_code == 200
    )


def test_a_certificate_without_its_file_is_not_offered():
    enrolment = make_enrolment()
    certificate = make_certificate(enrolment, files=False)
    client = signed_in(enrolment.learner)
    url = reverse("certificates:download", args=[certificate.pk])
    assert url not in client.get(reverse("certificates:mine")).content.decode()
    assert client.get(url).status_code == 404


# --- Verification --------------------------------------------------------------------------------------------
@pytest.fixture
def certificate() -> Certificate:
    return make_certificates(make_completed_run(names=["Nguyễn Thị Đào"]))[0]


def test_the_address_in_the_code_answers_to_anyone(certificate):
    response = Client().get(urlsplit(certificate.fields["verify_url"]).path)
    text = response.content.decode()
    assert response.status_code == 200
    for shown in (
        "Nguyễn Thị Đào",
        certificate.number_text,
        certificate.sha256,
        certificate.fields["programme"],
        "40",
    ):
        assert shown in text


def test_verification_shows_no_more_than_is_needed_to_compare(certificate):
    text = Client().get(reverse("certificates:verify", args=[certificate.token])).content.decode()
    learner = certificate.enrolment.learner
    for hidden in (
        "15/03/1985",
        "1985",
        learner.email,
        certificate.fields["unit"],
        certificate.fields["position"],
    ):
        assert hidden not in text


@pytest.mark.parametrize(
    ("state", "words"), [("replaced", "has been replaced"), ("revoked", "has been revoked")]
)
def test_verification_tells_what_became_of_a_certificate(certificate, state, words):
    Certificate.objects.update(state=state)
    text = Client().get(english("certificates:verify", certificate.token)).content.decode()
    assert words in text
    assert "is valid" not in text


def test_an_unknown_code_is_not_found_in_words(certificate):
    response = Client().get(english("certificates:verify", "AAAAAAAAAAAAAAAAAAAAAA"))
    assert response.status_code == 404
    assert "No certificate found" in response.content.decode()


@pytest.mark.parametrize(
    "written", ["{0}", " {0} ", "{1}/{2}/cc", "{1} / {2} / CC-TĐT khác", "{3}/{2}/CC-DTBD"]
)
def test_a_certificate_is_found_by_number_and_name(certificate, written):
    number = written.format(
        certificate.number_text, f"{certificate.number:04d}", certificate.year, certificate.number
    )
    response = Client().post(
        reverse("certificates:lookup"), {"number": number, "full_name": "nguyen thi dao"}
    )
    assert response.url == reverse("certificates:verify", args=[certificate.token])


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("", "Nguyễn Thị Đào"),
        ("{0}", ""),
        ("{0}", "Nguyễn Thị"),
        ("9{0}", "Nguyễn Thị Đào"),
        ("CC", "Nguyễn Thị Đào"),
    ],
)
def test_neither_number_nor_name_alone_finds_anything(certificate, number, name):
    response = Client().post(
        reverse("certificates:lookup"), {"number": number.format(certificate.number_text), "full_name": name}
    )
    assert response.status_code == 200
    assert certificate.token not in response.content.decode()


@pytest.mark.parametrize("form", ["{0}", "https://example.test/chung-chi/xac-thuc/{0}/", " {0}/ "])
def test_a_certificate_is_found_by_its_code_or_address(certificate, form):
    response = Client().post(reverse("certificates:lookup"), {"code": form.format(certificate.token)})
    assert response.url == reverse("certificates:verify", args=[certificate.token])


def test_an_address_that_asks_too_often_is_slowed_down(certificate, settings):
    settings.VERIFICATIONS_PER_MINUTE = 3
    url = english("certificates:verify", certificate.token)
    # Four requests may fall on both sides of a full minute, seven may not.
    answers = [Client().get(url) for _ in range(7)]
    slowed = [response for response in answers if response.status_code == 429]
    assert [response.status_code for response in answers[:3]] == [200, 200, 200]
    assert slowed
    assert 0 < int(slowed[0]["Retry-After"]) <= 60
    assert "Nothing is wrong with the certificate" in slowed[0].content.decode()
    assert Client(REMOTE_ADDR="10.9.8.7").get(url).status_code == 200


def test_an_invented_forwarding_header_does_not_help(certificate, settings):
    settings.VERIFICATIONS_PER_MINUTE = 1
    url = reverse("certificates:verify", args=[certificate.token])
    statuses = [Client().get(url, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(4)]
    assert 429 in statuses


def test_behind_a_proxy_the_address_it_saw_counts(certificate, settings):
    settings.VERIFICATIONS_PER_MINUTE, settings.TRUSTED_PROXY_COUNT = 1, 1
    url = reverse("certificates:verify", args=[certificate.token])
    statuses = [
        Client().get(url, headers={"X-Forwarded-For": f"6.6.6.6, 10.0.0.{n}"}).status_code for n in range(4)
    ]
    assert statuses == [200] * 4


def test_verification_is_kept_out_of_search_engines_and_caches(certificate):
    response = Client().get(reverse("certificates:verify", args=[certificate.token]))
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
