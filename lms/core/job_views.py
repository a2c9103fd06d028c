"""Pages of background work: the list for those who oversee it, and the fragment a progress bar asks for."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from .errors import DomainError, NotAllowed
from .job_cards import job_card
from .jobs import retry_job
from .models import Job
from .permissions import may_follow, oversees_jobs

JOBS_PER_PAGE = 25


class JobFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Job.State.choices])
    q = forms.CharField(label=_("Title"), required=False, max_length=100)


@login_required
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """Every job, newest first, with its progress and what became of it."""
    if not oversees_jobs(request.user):
        raise PermissionDenied
    form = JobFilter(request.GET)
    jobs = Job.objects.select_related("requested_by")
    if form.is_valid():
        if form.cleaned_data["state"]:
            jobs = jobs.filter(state=form.cleaned_data["state"])
        if form.cleaned_data["q"]:
            jobs = jobs.filter(title__icontains=form.cleaned_data["q"])
    page = Paginator(jobs, JOBS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [{"job": job, "card": job_card(job)} for job in page],
        "reset_url": reverse("core:jobs"),
    }
    return render(request, "core/jobs.html", context)


@login_required
@require_safe
def job_status(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The progress bar of one job. When the job is over the page hears the event ``job-done``."""
    job = get_object_or_404(Job, public_id=public_id)
    if not may_follow(request.user, job):
        raise Http404
    response = render(request, "components/job.html", {"job": job_card(job)})
    response["Cache-Control"] = "no-store"
    if not job.is_open:
        response["HX-Trigger"] = "job-done"
    return response


@login_required
@require_POST
def job_retry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(Job, public_id=public_id)
    if not may_follow(request.user, job):
        raise Http404
    try:
        retry_job(job=job, actor=request.user, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The job starts again."))
    return redirect("core:jobs")
