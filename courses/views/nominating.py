"""Sending officials to a class: the coordinator's side of nominations."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.candidates import (
    candidates,
    may_nominate,
    nominating_q,
    units_to_nominate_from,
    with_standing,
    without_place_in,
)
from courses.listing import page_of, sort_rows
from courses.models import Enrolment, Run
from courses.run_figures import figures_of, figures_of_runs, seats_left
from courses.services.enrolments import nominate_official, withdraw_enrolment
from courses.staff_forms import CandidateFilterForm, OwnNominationFilterForm
from lms.core.errors import DomainError, NotAllowed
from lms.organisations.access import Access, access_for

from .refusals import refusals_told

OWN_ORDERS = {
    "at": ("nominated_at",),
    "name": ("learner__name_key",),
    "unit": ("unit__path", "learner__name_key"),
    "run": ("run__opens_on", "run__code", "learner__name_key"),
    "state": ("state", "learner__name_key"),
}


def _nominator(request: HttpRequest) -> Access:
    access = access_for(request.user)
    if not may_nominate(access):
        raise PermissionDenied
    return access


def _nominated_here(access: Access):
    return Enrolment.objects.filter(nominating_q(access, "unit"), nominated_at__isnull=False)


@login_required
@require_GET
def nominations(request: HttpRequest) -> HttpResponse:
    """Classes that take nominations now, and what became of those of the own units."""
    access = _nominator(request)
    today = timezone.localdate()
    open_runs = list(
        Run.objects.open_for_nomination(on=today).with_course().order_by("opens_on", "code")[:50]
    )
    figures = figures_of_runs(open_runs, on=today)
    rows = _nominated_here(access)
    form = OwnNominationFilterForm(
        request.GET,
        runs=Run.objects.filter(pk__in=rows.order_by().values("run")).order_by("-opens_on", "code"),
    )
    asked = form.values()
    if "run" in asked:
        rows = rows.filter(run=asked["run"])
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    if "q" in asked:
        rows = rows.filter(learner__in=get_user_model().objects.search(asked["q"]))
    rows, sort = sort_rows(request, rows.select_related("learner", "unit", "run"), OWN_ORDERS, default="-at")
    return render(
        request,
        "courses/nominations.html",
        {
            "open_runs": [
                {"run": run, "figures": figures[run.pk], "left": seats_left(run, figures[run.pk])}
                for run in open_runs
            ],
            "form": form,
            "page_obj": page_of(request, rows),
            "sort": sort,
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: HttpRequest, code: str) -> HttpResponse:
    """Search the own staff and tick; look at the choice once more; send."""
    access = _nominator(request)
    today = timezone.localdate()
    runs = Run.objects.filter(policy=Run.Policy.NOMINATION).exclude(state=Run.State.DRAFT)
    run = get_object_or_404(runs.with_course(), code=code)
    figures = figures_of(run, on=today)
    context = {
        "run": run,
        "is_open": Run.objects.open_for_nomination(on=today).filter(pk=run.pk).exists(),
        "figures": figures,
        "seats_left": seats_left(run, figures),
        "breadcrumbs": [
            {"title": _("Nominations"), "url": reverse("courses:nominations")},
            {"title": run.display_title},
        ],
    }
    if request.method == "POST":
        ids = {int(pk) for pk in request.POST.getlist("person") if pk.isdecimal()}
        chosen = with_standing(candidates(access, on=today).filter(pk__in=ids), run)
        if not chosen:
            messages.warning(request, _("Tick the people to nominate first."))
            return redirect("courses:nominate", code=run.code)
        if "confirmed" in request.POST:
            return _send(request, run, chosen)
        context |= {
            "free": [person for person in chosen if person.standing is None],
            "refused": [person for person in chosen if person.standing is not None],
        }
        return render(request, "courses/nominate_confirm.html", context)

    form = CandidateFilterForm(request.GET, units=units_to_nominate_from(access))
    asked = form.values()
    people = candidates(access, on=today, text=asked.get("q", ""), unit=asked.get("unit"))
    if "free" in asked:
        people = without_place_in(people, run)
    page = page_of(request, people)
    page.object_list = with_standing(page.object_list, run)
    return render(request, "courses/nominate.html", context | {"form": form, "page_obj": page})


def _send(request: HttpRequest, run: Run, chosen: list) -> HttpResponse:
    """Nominate one by one: who is refused does not keep the others back."""
    sent, refused = [], []
    for person in chosen:
        try:
            nominate_official(run=run, person=person, actor=request.user, now=timezone.now())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            refused.append(_("%(name)s: %(reason)s") % {"name": person, "reason": refusal.message})
        else:
            sent.append(person)
    if sent:
        words = ngettext(
            "%(count)s person nominated. The school will decide.",
            "%(count)s people nominated. The school will decide.",
            len(sent),
        )
        messages.success(request, words % {"count": len(sent)})
    for words in refused:
        messages.error(request, words)
    return redirect(f"{reverse('courses:nominations')}?run={run.pk}")


@login_required
@require_POST
def nomination_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit takes a nomination back while the school has not decided."""
    access = _nominator(request)
    enrolment = get_object_or_404(_nominated_here(access).select_related("learner", "run", "unit"), pk=pk)
    with refusals_told(request):
        withdraw_enrolment(
            enrolment=enrolment, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
        )
        messages.success(
            request, _("The nomination of %(name)s has been taken back.") % {"name": enrolment.learner}
        )
    return redirect("courses:nominations")
