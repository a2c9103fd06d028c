"""Merging two accounts of one person, in the CMS admin."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lms.core.errors import DomainError
from lms.core.vietnamese import fold

from .forms import PersonField
from .merging import merge_people, preview_merge
from .models import User
from .permissions import may_change_people


class OtherAccountForm(forms.Form):
    other = PersonField(label=gettext_lazy("Account that is closed"))


def differences(one: User, other: User) -> list[str]:
    """What speaks against both being one person."""
    found = []
    if fold(one.get_full_name()) != fold(other.get_full_name()):
        found.append(_("The names differ."))
    if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
        found.append(_("The birth dates differ."))
    if one.staff_code and other.staff_code:
        found.append(_("Both have a staff code; that of the closed account is given up."))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Names the other account (GET), shows what would come over, and merges (POST)."""
    if not may_change_people(request.user):
        raise PermissionDenied
    kept = get_object_or_404(User, pk=pk)
    edit_url = reverse("wagtailusers_users:edit", args=[pk])
    form = OtherAccountForm(request.POST or request.GET or None)
    now, reason = timezone.now(), request.POST.get("reason", "")
    closed, rows, fault, refused = None, [], "", False
    if form.is_bound and form.is_valid():
        closed = form.cleaned_data["other"]
        try:
            if request.method == "POST":
                merge_people(kept=kept, closed=closed, reason=reason, actor=request.user, now=now)
                messages.success(
                    request, _("Merged. The other account is closed and says where its records are.")
                )
                return redirect(edit_url)
            rows = preview_merge(kept=kept, closed=closed, actor=request.user, now=now)
        except DomainError as refusal:
            fault, refused = str(refusal), request.method != "POST"
    title = _("Merge another account into this one")
    context = {
        "header_icon": "group",
        "header_title": title,
        "breadcrumbs_items": [
            {"url": reverse("wagtailusers_users:index"), "label": _("People")},
            {"url": edit_url, "label": kept.get_full_name()},
            {"url": "", "label": title},
        ],
        "person": kept,
        "edit_url": edit_url,
        "form": form,
        "closed": closed,
        "rows": rows,
        "differences": differences(kept, closed) if closed else [],
        "fault": fault,
        "refused": refused,
        "reason": reason,
    }
    return render(request, "users/admin/merge.html", context, status=422 if fault else 200)
