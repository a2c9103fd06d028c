"""Sensitive particulars of one person in the CMS admin; there is no such page where they are not kept."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.core.errors import NotAllowed

from .models import SensitiveRecord, User
from .sensitive import CHANGE, change_sensitive, kept_fields, read_sensitive


def sensitive_form(record: SensitiveRecord, data: Any = None) -> forms.ModelForm:
    return forms.modelform_factory(SensitiveRecord, fields=kept_fields())(data, instance=record)


@require_http_methods(["GET", "HEAD", "POST"])
def sensitive_particulars(request: HttpRequest, pk: int) -> HttpResponse:
    """Shown, which is recorded, and with the right changed."""
    if not kept_fields():
        raise Http404
    person = get_object_or_404(User, pk=pk)
    now = timezone.now()
    try:
        if request.method == "POST":
            form = sensitive_form(SensitiveRecord(person=person), request.POST)
            if form.is_valid():
                change_sensitive(person=person, actor=request.user, now=now, **form.cleaned_data)
                messages.success(request, _("Kept."))
                return redirect("sensitive_particulars", pk)
        else:
            form = sensitive_form(read_sensitive(person=person, actor=request.user, now=now))
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    context = {
        "header_icon": "view",
        "header_title": _("Sensitive particulars"),
        "breadcrumbs_items": [
            {"url": reverse("wagtailusers_users:index"), "label": _("People")},
            {"url": "", "label": person.get_full_name()},
        ],
        "person": person,
        "form": form,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "users/admin/sensitive.html", context)
