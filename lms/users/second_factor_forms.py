"""Forms that ask for a code of the second step."""

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from django.core.cache import cache


class UsedOnceMixin:
    """A code that was accepted is refused until its time is over (RFC 6238, section 5.2).

    allauth remembers it for one period, but accepts it for the periods of the tolerance as well.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        del code.widget.attrs["placeholder"]
        code.widget.attrs |= {"inputmode": "numeric", "spellcheck": "false", "maxlength": "12"}

    def clean_code(self) -> str:
        code = super().clean_code()
        periods = 2 * app_settings.TOTP_TOLERANCE + 1
        key = f"users.second_factor.used:{self.user.pk}:{normalize_user_code(code)}"
        if not cache.add(key, True, timeout=periods * app_settings.TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(UsedOnceMixin, base.AuthenticateForm):
    pass


class ReauthenticateForm(UsedOnceMixin, base.ReauthenticateForm):
    pass


class ActivateTOTPForm(UsedOnceMixin, AllauthActivateTOTPForm):
    pass
