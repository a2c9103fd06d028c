"""For the training office: which classes have certificates to issue, and issuing them."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from certificates.forms import IssueForm, RunFilter
from certificates.models import Certificate, CertificateKind
from certificates.permissions import can_issue, can_read_register
from certificates.reasons import reason_not_eligible
from certificates.register import register_rows, runs_with_counts
from certificates.services import ISSUE_JOB, eligible_enrolments, issue_for_run, issue_job_key
from courses.models import Enrolment, Run
from lms.core.errors import DomainError, NotAllowed
from lms.core.job_cards import job_card
from lms.core.models import Job

RUNS_PER_PAGE = 20
PEOPLE_PER_PAGE = 50
KIND = CertificateKind.CERTIFICATE


def _require_register(user) -> None:
    if not can_read_register(user):
        raise PermissionDenied


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Classes with how many completed, hold the certificate, and wait for it."""
    _require_register(request.user)
    form = RunFilter(request.GET)
    found = form.apply(runs_with_counts()).exclude(state=Run.State.DRAFT)
    found = found.order_by("-closes_on", "code")
    page = Paginator(found, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "reset_url": reverse("certificates:runs")}
    return render(request, "certificates/runs.html", context)


@login_required
@require_safe
def run_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One class: who is to be issued a certificate, who holds it, who has no right to it and why."""
    _require_register(request.user)
    run = get_object_or_404(runs_with_counts().with_course(), code=code)
    issued = Certificate.objects.filter(run=run, kind=KIND)
    total = Enrolment.objects.filter(run=run).count()
    counts = {"eligible": run.to_issue, "issued": run.issued, "others": total - run.completed}
    tab = request.GET.get("tab", "")
    if tab not in counts:
        tab = "eligible" if run.to_issue or not run.issued else "issued"
    today = timezone.localdate()
    job = (
        Job.objects.filter(kind=ISSUE_JOB, dedupe_key=issue_job_key(run, KIND))
        .exclude(state=Job.State.SUCCEEDED)
        .order_by("-pk")
        .first()
    )
    if job and job.state == Job.State.FAILED and not run.to_issue and not issued.without_file().exists():
        job = None
    page = Paginator(_people(run, tab), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "breadcrumbs": [
            {"title": gettext("Issuing certificates"), "url": reverse("certificates:runs")},
            {"title": run.code},
        ],
        "run": run,
        "counts": counts,
        "without_file": issued.without_file().count(),
        "job": job_card(job) if job else None,
        "job_is_open": bool(job and job.is_open),
        "may_issue": can_issue(request.user),
        "form": IssueForm(initial={"issued_on": usual_issue_date(run, today=today)}),
        "tab": tab,
        "tabs": [
            {"title": title, "url": f"?tab={name}", "active": name == tab, "count": counts[name]}
            for name, title in (
                ("eligible", gettext("To be issued")),
                ("issued", gettext("Issued")),
                ("others", gettext("Not eligible")),
            )
        ],
        "page_obj": page,
        "rows": _rows(page, tab, today=today),
    }
    return render(request, "certificates/run.html", context)


def usual_issue_date(run: Run, *, today: date) -> date:
    """The closing day, which the circular asks for, once it has come and all have completed by then; else today."""
    last = eligible_enrolments(run).aggregate(last=Max("completed_at"))["last"]
    if run.closes_on <= today and (last is None or timezone.localdate(last) <= run.closes_on):
        return run.closes_on
    return today


def _people(run: Run, tab: str):
    if tab == "eligible":
        return eligible_enrolments(run)
    if tab == "issued":
        return Certificate.objects.filter(run=run, kind=KIND).order_by("year", "number")
    return (
        Enrolment.objects.filter(run=run)
        .exclude(state=Enrolment.State.COMPLETED)
        .select_related("learner", "unit")
        .order_by("learner__name_key", "pk")
    )


def _rows(page, tab: str, *, today: date) -> list[dict]:
    if tab == "issued":
        return register_rows(page)
    return [{"enrolment": row, "reason": reason_not_eligible(row, today=today)} for row in page]


@login_required
@require_POST
def issue(request: HttpRequest, code: str) -> HttpResponse:
    _require_register(request.user)
    run = get_object_or_404(Run.objects.select_related("course"), code=code)
    form = IssueForm(request.POST)
    if not can_issue(request.user):
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, gettext("Enter the date of issue as day/month/year."))
        return redirect("certificates:run", code=run.code)
    try:
        issue_for_run(
            run=run,
            issued_on=form.cleaned_data["issued_on"],
            actor=request.user,
            now=timezone.now(),
            kind=KIND,
        )
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Issuing has begun. You may leave this page."))
    return redirect("certificates:run", code=run.code)
