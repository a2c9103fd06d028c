"""Actions of this room, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "api_token.created": _("API token made"),
    "api_token.revoked": _("API token revoked"),
}
