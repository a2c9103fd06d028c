"""Going to a provider of single sign-on and coming back; the links of the own account."""

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, suspend_request
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from .single_sign_on import LastWayIn, providers, unlink


def require_provider(provider_id: str) -> dict[str, Any]:
    for provider in providers():
        if provider["provider_id"] == provider_id:
            return provider
    raise Http404


@require_safe
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to the provider; back to our own sign-in with a sentence where it does not answer."""
    require_provider(provider_id)
    try:
        return openid_connect.login(request, provider_id)
    except RequestException as fault:
        adapter = get_adapter()
        provider = adapter.get_provider(request, provider_id)
        try:
            adapter.on_authentication_error(request, provider, exception=fault)
        except ImmediateHttpResponse as answer:
            return answer.response
        raise


@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    require_provider(provider_id)
    return openid_connect.callback(request, provider_id)


@login_required
@require_safe
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """Which providers sign one in; none of this where the installation has no provider."""
    if not providers():
        raise Http404
    linked = {account.provider: account for account in SocialAccount.objects.filter(user=request.user)}
    rows = [
        {"provider": provider, "account": linked.get(provider["provider_id"])} for provider in providers()
    ]
    return render(request, "account/single_sign_on.html", {"rows": rows})


@login_required
@require_safe
def link_single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way to the provider, to link whom it confirms; the password is asked for again before.

    A page and not a redirect: a browser follows none to another site behind a form whose ``form-action`` is our own.
    """
    provider = require_provider(provider_id)
    if not did_recently_reauthenticate(request):
        return suspend_request(request, reverse("account_reauthenticate"))
    asked = urlencode({"process": AuthProcess.CONNECT, "next": reverse("single_sign_on")})
    address = f"{reverse('openid_connect_login', args=[provider_id])}?{asked}"
    return render(request, "account/link_single_sign_on.html", {"provider": provider, "address": address})


@login_required
@require_POST
def unlink_single_sign_on(request: HttpRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SocialAccount, user=request.user, pk=pk)
    try:
        unlink(account=account, now=timezone.now())
    except LastWayIn as refusal:
        messages.error(request, str(refusal))
        return redirect("account_set_password")
    messages.success(request, _("Unlinked."))
    return redirect("single_sign_on")
