"""Nominations as the training department sees them: approved as far as places reach, declined with a reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from courses.listing import page_of, sort_rows
from courses.models import Enrolment
from courses.run_figures import figures_of, seats_left
from courses.run_forms import NominationFilterForm
from courses.run_tabs import run_page_context
from courses.services.enrolments import approve_nominations, decline_nomination
from lms.organisations.access import access_for

from .learners import units_of
from .refusals import refusals_told
from .runs import visible_run

NOMINATION_ORDERS = {
    "at": ("nominated_at",),
    "name": ("learner__name_key",),
    "unit": ("unit__path", "learner__name_key"),
}
# More names than this in one message help nobody.
NAMES_SHOWN = 5


def _require_reader(request: HttpRequest) -> None:
    """Whom units wanted to send is between them and the school: trainers see learners only."""
    if not access_for(request.user).sees_all_units:
        raise PermissionDenied


@login_required
@require_GET
def run_nominations(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    _require_reader(request)
    rows = Enrolment.objects.filter(run=run, nominated_at__isnull=False)
    rows = rows.select_related("learner", "unit", "nominated_by")
    form = NominationFilterForm(request.GET, units=units_of(rows))
    rows, sort = sort_rows(request, form.apply(rows), NOMINATION_ORDERS, default="at")
    figures = figures_of(run, on=timezone.localdate())
    left = seats_left(run, figures)
    context = run_page_context(request, run, active="nominations") | {
        "form": form,
        "page_obj": page_of(request, rows),
        "sort": sort,
        "figures": figures,
        "seats_left": left,
        "all_pairs": [{"name": "all", "value": "1"}],
        "over": figures.waiting - left if left is not None and figures.waiting > left else 0,
    }
    return render(request, "courses/run_nominations.html", context)


@login_required
@require_POST
def nominations_approve(request: HttpRequest, code: str) -> HttpResponse:
    """Approve those ticked, or with ``all`` everybody who waits."""
    run = visible_run(request, code)
    with refusals_told(request):
        if "all" in request.POST:
            waiting = Enrolment.objects.filter(run=run, state=Enrolment.State.NOMINATED)
            ids = list(waiting.values_list("pk", flat=True))
        else:
            ids = [int(pk) for pk in request.POST.getlist("enrolment") if pk.isdecimal()]
        approved, refused = approve_nominations(
            run=run, enrolment_ids=ids, actor=request.user, now=timezone.now()
        )
        if not ids:
            messages.warning(request, _("Tick the people to approve first."))
        if approved:
            words = ngettext("%(count)s person approved.", "%(count)s people approved.", len(approved))
            messages.success(request, words % {"count": len(approved)})
        _tell_refused(request, refused)
    return redirect("courses:run_nominations", code=run.code)


def _tell_refused(request: HttpRequest, refused) -> None:
    """One message per reason, naming the first few."""
    by_reason: dict[str, list[str]] = {}
    for enrolment, refusal in refused:
        by_reason.setdefault(str(refusal.message), []).append(str(enrolment.learner))
    for reason, names in by_reason.items():
        shown = ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
        words = ngettext(
            "%(count)s person not approved. %(reason)s (%(names)s)",
            "%(count)s people not approved. %(reason)s (%(names)s)",
            len(names),
        )
        messages.error(request, words % {"count": len(names), "reason": reason, "names": shown})


@login_required
@require_POST
def nomination_decline(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    run = visible_run(request, code)
    enrolment = get_object_or_404(Enrolment.objects.select_related("learner", "run"), run=run, pk=pk)
    with refusals_told(request):
        decline_nomination(
            enrolment=enrolment, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
        )
        messages.success(
            request, _("The nomination of %(name)s has been declined.") % {"name": enrolment.learner}
        )
    return redirect("courses:run_nominations", code=run.code)
