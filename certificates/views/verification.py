"""Verification: public, the least that is needed to compare, slowed down when one address asks too often."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certificates.fields import frozen_day
from certificates.forms import CodeForm, LookupForm
from certificates.models import Certificate
from lms.core.throttle import allow, seconds_left


def slowed_down(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 429 with what to do once an address has asked too often; keep answers out of caches and search engines."""

    @wraps(view)
    def limited(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        now = timezone.now()
        if allow(request, scope="verification", per_minute=settings.VERIFICATIONS_PER_MINUTE, now=now):
            response = view(request, *args, **kwargs)
        else:
            wait = seconds_left(now)
            response = render(request, "certificates/too_many.html", {"seconds": wait}, status=429)
            response["Retry-After"] = str(wait)
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response

    return limited


@slowed_down
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Find a certificate by number and name, or by the code printed on it. Both are posted: no name stands in a log."""
    by_code = request.method == "POST" and "code" in request.POST
    form = LookupForm(request.POST if request.method == "POST" and not by_code else None)
    code_form = CodeForm(request.POST if by_code else None)
    used = code_form if by_code else form
    not_found = False
    if request.method == "POST" and used.is_valid():
        certificate = used.find()
        if certificate:
            return redirect("certificates:verify", token=certificate.token)
        not_found = True
    context = {"form": form, "code_form": code_form, "by_code": by_code, "not_found": not_found}
    return render(request, "certificates/lookup.html", context)


@slowed_down
@require_safe
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """What the school's register says of one certificate."""
    certificate = Certificate.objects.filter(token=token).first()
    if certificate is None:
        return render(request, "certificates/not_found.html", status=404)
    frozen = certificate.fields
    context = {
        "certificate": certificate,
        "frozen": frozen,
        "starts_on": frozen_day(frozen["starts_on"]),
        "ends_on": frozen_day(frozen["ends_on"]),
        "is_valid": certificate.state == Certificate.State.ISSUED,
    }
    return render(request, "certificates/verify.html", context)
