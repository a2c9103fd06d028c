"""Resetting the second step of somebody who has lost theirs, in the CMS admin."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.core.errors import DomainError

from .models import User
from .permissions import may_change_people
from .second_factor import reset_second_factor


@require_http_methods(["GET", "HEAD", "POST"])
def reset_second_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason, then removes every factor of the person and ends their sessions."""
    if not may_change_people(request.user):
        raise PermissionDenied
    person = get_object_or_404(User, pk=pk)
    edit_url = reverse("wagtailusers_users:edit", args=[pk])
    fault, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            reset_second_factor(person=person, actor=request.user, reason=reason, now=timezone.now())
        except DomainError as refusal:
            fault = str(refusal)
        else:
            messages.success(request, _("Reset. At the next sign-in the person sets up a new second step."))
            return redirect(edit_url)
    context = {
        "header_icon": "key",
        "header_title": _("Reset the second step"),
        "breadcrumbs_items": [
            {"url": reverse("wagtailusers_users:index"), "label": _("People")},
            {"url": edit_url, "label": person.get_full_name()},
            {"url": "", "label": _("Reset the second step")},
        ],
        "person": person,
        "edit_url": edit_url,
        "is_own": person.pk == request.user.pk,
        "has_factors": Authenticator.objects.filter(user=person).exists(),
        "fault": fault,
        "reason": reason,
    }
    return render(request, "users/admin/reset_second_step.html", context, status=422 if fault else 200)
