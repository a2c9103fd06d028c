"""Tokens of the API: the list, making one, revoking one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.core.errors import DomainError

from ..models import ApiToken
from ..permissions import may_manage_tokens
from ..services import create_token, revoke_token
from ..token_forms import TokenForm

PAGE_SIZE = 50


def only_managers(request: HttpRequest) -> None:
    if not may_manage_tokens(request.user):
        raise PermissionDenied


@login_required
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    only_managers(request)
    tokens = ApiToken.objects.select_related("unit", "created_by")
    return render(
        request,
        "reporting/tokens.html",
        {
            "page_obj": Paginator(tokens, PAGE_SIZE).get_page(request.GET.get("page")),
            "today": timezone.localdate(),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """The answer to the form shows the secret, the only time: it is written nowhere, so no page can show it again."""
    only_managers(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = create_token(**form.cleaned_data, actor=request.user, now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return render(request, "reporting/token_made.html", {"token": token, "secret": secret})
    return render(request, "reporting/token_new.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    only_managers(request)
    token = get_object_or_404(ApiToken.objects.select_related("unit"), pk=token_id)
    if request.method != "POST":
        return render(request, "reporting/token_revoke.html", {"token": token})
    try:
        revoke_token(token=token, actor=request.user, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("reporting:tokens")
