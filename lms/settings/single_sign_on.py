"""Reads who signs people in beside us: a YAML list, one entry for each OpenID Connect provider.

.. code-block:: yaml

    - id: cong-bo                       # part of the address, for good: links of people hang on it
      name: Cổng thông tin của Bộ       # what the button says
      server: https://sso.bo.example    # its issuer; /.well-known/openid-configuration is read below it
      client_id: boiduongso
      client_secret_env: CONG_BO_SECRET
      match: [staff_code, email]        # how a person is found at the first sign-in; see ``lms.users.single_sign_on``
      claims: {staff_code: ma_can_bo}   # where its claims are called otherwise

    - id: vneid
      name: VNeID
      server: https://vneid.example
      client_id: boiduongso
      client_secret_env: VNEID_SECRET
      subject: personal_identifier      # the claim that says who it is; ``sub`` without this line
      keep_subject_secret: true         # only a keyed hash of it is kept
      scope: [openid, profile]
      match: []                         # linked by its owner under the own account
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ImproperlyConfigured

REQUIRED = {"id", "name", "server", "client_id"}
OPTIONAL = {
    "claims",
    "client_secret_env",
    "keep_subject_secret",
    "match",
    "scope",
    "subject",
    "token_auth_method",
}
MATCHES = ["staff_code", "email"]
CLAIMS = {"staff_code": "staff_code", "email": "email", "email_verified": "email_verified"}


def read_providers(path: str, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """``SOCIALACCOUNT_PROVIDERS`` from the file; none without a path. Raises ImproperlyConfigured naming the place."""
    if not path:
        return {}
    try:
        entries = yaml.safe_load(Path(path).read_text())
    except OSError as fault:
        raise ImproperlyConfigured(f"SINGLE_SIGN_ON: {path} cannot be read: {fault.strerror}") from fault
    except yaml.YAMLError as fault:
        raise ImproperlyConfigured(f"SINGLE_SIGN_ON: {path} is not YAML: {fault}") from fault
    if not isinstance(entries, list):
        raise ImproperlyConfigured(f"SINGLE_SIGN_ON: {path} must hold a list of providers")
    apps = [_app(entry, f"{path}, provider {number}", environment) for number, entry in enumerate(entries, 1)]
    names = [app["provider_id"] for app in apps]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ImproperlyConfigured(f"SINGLE_SIGN_ON: {path} names {sorted(twice)} more than once")
    return {"openid_connect": {"APPS": apps}}


def _app(entry: Any, place: str, environment: Mapping[str, str]) -> dict[str, Any]:
    def refuse(what: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"SINGLE_SIGN_ON: {place}: {what}")

    if not isinstance(entry, dict):
        raise refuse("must be keys and values")
    if missing := REQUIRED - entry.keys():
        raise refuse(f"{sorted(missing)} missing")
    if unknown := entry.keys() - REQUIRED - OPTIONAL:
        raise refuse(f"{sorted(unknown)} unknown")
    if not re.fullmatch(r"[a-z0-9-]{1,30}", str(entry["id"])):
        raise refuse("id may hold small letters, figures and hyphens, 30 at most")
    matches, claims = entry.get("match", MATCHES), entry.get("claims", {})
    if not isinstance(matches, list) or set(matches) - set(MATCHES):
        raise refuse(f"match may hold {MATCHES}")
    if not isinstance(claims, dict) or set(claims) - set(CLAIMS):
        raise refuse(f"claims may name {sorted(CLAIMS)}")
    secret_name = entry.get("client_secret_env", "")
    if secret_name and secret_name not in environment:
        raise refuse(f"the environment has no {secret_name}")
    return {
        "provider_id": str(entry["id"]),
        "name": str(entry["name"]),
        "client_id": str(entry["client_id"]),
        "secret": environment.get(secret_name, "") if secret_name else "",
        "settings": {
            "server_url": str(entry["server"]).rstrip("/"),
            "oauth_pkce_enabled": True,
            "scope": entry.get("scope", ["openid", "profile", "email"]),
            "token_auth_method": entry.get("token_auth_method"),
            "uid_field": entry.get("subject", "sub"),
            "keep_subject_secret": bool(entry.get("keep_subject_secret")),
            "match": matches,
            "claims": CLAIMS | claims,
        },
    }
