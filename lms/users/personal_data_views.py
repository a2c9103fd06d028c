"""What is held about oneself, and taking it along."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from .holdings import Fate, holdings
from .models import User
from .personal_data import export_person


def archive_response(content: bytes, person: User) -> HttpResponse:
    name = person.staff_code or f"tai-khoan-{person.pk}"
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="du-lieu-{safe}.zip"',
            "Cache-Control": "private, no-store",
        },
    )


def held_rows(person: User) -> list[dict]:
    """What is held of the person, by what an erasure does with it: ``label``, ``count``, ``is_kept``."""
    rows = [
        {"label": holding.label, "count": holding.of(person).count(), "is_kept": holding.fate is Fate.KEPT}
        for holding in holdings()
        if holding.fate is not Fate.OF_OTHERS
    ]
    return [row for row in rows if row["count"]]


@login_required
@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    return render(request, "account/own_data.html", {"rows": held_rows(request.user)})


@login_required
@require_POST
def download_own_data(request: HttpRequest) -> HttpResponse:
    content = export_person(person=request.user, actor=request.user, now=timezone.now())
    return archive_response(content, request.user)
