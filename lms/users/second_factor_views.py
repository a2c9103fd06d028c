"""allauth's pages of the second step, with one audit event in the transaction of each change."""

from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from lms.core.audit import record_event

from .second_factor import SecondFactorAdapter, has_passed, is_required, remember


def _added(request: HttpRequest, kind: str) -> None:
    """Whoever has just set up a factor has proven it by doing so."""
    remember(request, request.user)
    _record(request, "added", kind)


def _record(request: HttpRequest, action: str, kind: str) -> None:
    record_event(
        actor=request.user,
        action=f"second_factor.{action}",
        target=request.user,
        now=timezone.now(),
        in_no_role=True,
        kind=kind,
    )


def _record_spent_code(form: Form) -> None:
    used = getattr(form, "authenticator", None)
    if used is not None and used.type == Authenticator.Type.RECOVERY_CODES:
        record_event(
            actor=used.user,
            action="second_factor.code_used",
            target=used.user,
            now=timezone.now(),
            in_no_role=True,
        )


class WaysInMixin:
    """Which kinds of factor the person has, for pages that ask for one."""

    def owner(self):
        return self.request.user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = set(Authenticator.objects.filter(user=self.owner()).values_list("type", flat=True))
        context = super().get_context_data(**kwargs)
        if is_required(self.owner()) and not has_passed(self.request):
            # A password would not open what waits behind this page.
            others = context.get("reauthentication_alternatives", [])
            context["reauthentication_alternatives"] = [
                way for way in others if way["id"] != "reauthenticate"
            ]
        return context | {
            "has_app": Authenticator.Type.TOTP in kinds,
            "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        }


class ReauthenticateView(WaysInMixin, base.ReauthenticateView):
    @transaction.atomic
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        _record_spent_code(form)
        return super().form_valid(form)


class ReauthenticatePasskeyView(WaysInMixin, webauthn.ReauthenticateWebAuthnView):
    pass


class IndexView(base.IndexView):
    """What protects the own account; where somebody without it is led who needs it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        required = is_required(self.request.user)
        return super().get_context_data(**kwargs) | {
            "is_required": required,
            "must_set_up": required and not has_passed(self.request),
        }


class AuthenticateView(WaysInMixin, base.AuthenticateView):
    """The second step of signing in. A recovery code is spent and recorded in one transaction."""

    def owner(self):
        return self.stage.login.user

    @transaction.atomic
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        _record_spent_code(form)
        return super().form_valid(form)


class ActivateTOTPView(totp.ActivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        _added(self.request, Authenticator.Type.TOTP)
        return response


class DeactivateTOTPView(totp.DeactivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        _record(self.request, "removed", Authenticator.Type.TOTP)
        return response


class GenerateRecoveryCodesView(recovery_codes.GenerateRecoveryCodesView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        _record(self.request, "codes_renewed", Authenticator.Type.RECOVERY_CODES)
        return response


class AddPasskeyView(webauthn.AddWebAuthnView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        _added(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RemovePasskeyView(webauthn.RemoveWebAuthnView):
    """allauth asks the adapter before it removes an app, not before it removes a key: asked here."""

    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        adapter = SecondFactorAdapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        response = super().form_valid(form)
        _record(self.request, "removed", Authenticator.Type.WEBAUTHN)
        return response
