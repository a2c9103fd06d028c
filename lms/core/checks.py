"""Numbered checks of the settings; those about the installation are asked by ``manage.py check --deploy``."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from .addresses import is_answered, is_whole, leads_here_only

HOW = (
    "Set BASE_URL in the environment of the web server and of the worker to the address people type, for example "
    "BASE_URL=https://boiduong.example. It is printed in the code of every certificate and cannot be changed there."
)


@register(Tags.security, deploy=True)
def base_url_is_public(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """core.E001 to core.E003: the address in QR codes and mails leads to this site for everybody."""
    url = settings.WAGTAILADMIN_BASE_URL
    if leads_here_only(url):
        said = f"BASE_URL is not set, or leads to this machine only ({url})."
    elif not is_whole(url):
        said = f"BASE_URL is not an address of scheme and host alone ({url})."
    else:
        said = ""
    if said:
        return [Error(said, hint=HOW, id="core.E001")]
    faults: list[CheckMessage] = []
    if not is_answered(url):
        faults.append(
            Error(
                f"The host of BASE_URL ({url}) is not among ALLOWED_HOSTS: whoever scans a certificate is refused.",
                hint="Add it to ALLOWED_HOSTS, or correct BASE_URL.",
                id="core.E002",
            )
        )
    if settings.SECURE_SSL_REDIRECT and not url.startswith("https://"):
        faults.append(Error(f"BASE_URL ({url}) does not begin with https://.", hint=HOW, id="core.E003"))
    return faults
