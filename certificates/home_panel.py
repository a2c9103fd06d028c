"""What this room brings to the front page: the check of a certificate."""

from typing import Any

from django.http import HttpRequest

from cms.panels import HomePanel, register_home_panel

from .forms import LookupForm


def verification_panel(request: HttpRequest) -> dict[str, Any]:
    return {"form": LookupForm(auto_id="check_%s")}


def register_verification_panel() -> None:
    register_home_panel(
        HomePanel("verification", 10, "certificates/home_panel.html", verification_panel, place="lower")
    )
