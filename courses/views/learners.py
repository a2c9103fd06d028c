"""The learners of a class: the list, its file, and taking somebody out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from courses.exports import learners_workbook
from courses.listing import page_of, sort_rows
from courses.models import Enrolment, Run
from courses.run_forms import LearnerFilterForm
from courses.run_tabs import run_page_context
from courses.services.enrolments import WITHDRAWABLE_STATES, withdraw_enrolment
from lms.core.spreadsheets import XLSX_TYPE
from lms.organisations.models import Unit

from .refusals import refusals_told
from .runs import visible_run

LEARNER_ORDERS = {
    "name": ("learner__name_key",),
    "unit": ("unit__path", "learner__name_key"),
    "state": ("state", "learner__name_key"),
    "progress": ("steps_done", "learner__name_key"),
    "due": ("due_on", "learner__name_key"),
}


def learners_of(run: Run) -> QuerySet[Enrolment]:
    """Everybody who ever had a place; nominations are on their own page."""
    return Enrolment.objects.filter(run=run, enrolled_at__isnull=False).select_related(
        "learner", "unit", "run"
    )


def units_of(enrolments: QuerySet[Enrolment]) -> QuerySet[Unit]:
    """The units the enrolments come from."""
    return Unit.objects.filter(pk__in=enrolments.order_by().values("unit"))


def asked_for(request: HttpRequest, run: Run) -> tuple[LearnerFilterForm, QuerySet[Enrolment], str]:
    """The filter form, the rows it lets through in the order asked for, and that order."""
    rows = learners_of(run)
    form = LearnerFilterForm(request.GET, units=units_of(rows))
    rows, sort = sort_rows(request, form.apply(rows, on=timezone.localdate()), LEARNER_ORDERS, default="name")
    return form, rows, sort


@login_required
@require_GET
def run_learners(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    form, rows, sort = asked_for(request, run)
    context = run_page_context(request, run, active="learners") | {
        "form": form,
        "page_obj": page_of(request, rows),
        "sort": sort,
        "withdrawable": WITHDRAWABLE_STATES,
    }
    return render(request, "courses/run_learners.html", context)


@login_required
@require_GET
def run_learners_export(request: HttpRequest, code: str) -> HttpResponse:
    """The list as filtered, as xlsx."""
    run = visible_run(request, code)
    _form, rows, _sort = asked_for(request, run)
    return HttpResponse(
        learners_workbook(rows, run=run),
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{run.code}-hoc-vien.xlsx"'},
    )


@login_required
@require_POST
def enrolment_withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    run = visible_run(request, code)
    enrolment = get_object_or_404(learners_of(run), pk=pk)
    with refusals_told(request):
        withdraw_enrolment(
            enrolment=enrolment, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
        )
        messages.success(
            request, _("%(name)s has been taken out of the class.") % {"name": enrolment.learner}
        )
    return redirect("courses:run_learners", code=run.code)
