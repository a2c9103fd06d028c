"""Handing out and erasing what is held about a person, in the CMS admin."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.core.errors import DomainError

from .erasure import erase_person
from .holdings import obstacles_to_erasing
from .models import User
from .permissions import may_change_people
from .personal_data import export_person
from .personal_data_views import archive_response, held_rows


def _person(request: HttpRequest, pk: int) -> User:
    if not may_change_people(request.user):
        raise PermissionDenied
    return get_object_or_404(User, pk=pk)


def _context(person: User, title: str) -> dict:
    edit_url = reverse("wagtailusers_users:edit", args=[person.pk])
    return {
        "header_title": title,
        "breadcrumbs_items": [
            {"url": reverse("wagtailusers_users:index"), "label": _("People")},
            {"url": edit_url, "label": person.get_full_name()},
            {"url": "", "label": title},
        ],
        "person": person,
        "edit_url": edit_url,
        "rows": held_rows(person),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def download_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what goes out and that it is recorded; hands it out by POST."""
    person = _person(request, pk)
    if request.method == "POST":
        return archive_response(export_person(person=person, actor=request.user, now=timezone.now()), person)
    context = _context(person, _("Hand out the personal data")) | {"header_icon": "download"}
    return render(request, "users/admin/hand_out_data.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what goes and what stays; the e-mail has to be typed, the reason given."""
    person = _person(request, pk)
    fault, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        if request.POST.get("email", "").strip().lower() != person.email.lower():
            fault = _("Type the official e-mail of this person to confirm.")
        else:
            try:
                erase_person(person=person, actor=request.user, reason=reason, now=timezone.now())
            except DomainError as refusal:
                fault = str(refusal)
            else:
                messages.success(request, _("Erased. What had to stay stands under a number without a name."))
                return redirect("wagtailusers_users:index")
    context = _context(person, _("Erase the personal data")) | {
        "header_icon": "bin",
        "obstacles": obstacles_to_erasing(person, on=timezone.localdate()),
        "is_own": person.pk == request.user.pk,
        "fault": fault,
        "reason": reason,
    }
    return render(request, "users/admin/erase_person.html", context, status=422 if fault else 200)
