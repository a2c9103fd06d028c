"""What this room adds to the learner's dashboard and training record."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from courses.models import Enrolment
from courses.panels import RecordLink

from .models import Certificate

SHOWN = 3


def my_certificates_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The learner's newest certificates; nothing for those who hold none."""
    held = list(
        Certificate.objects.filter(enrolment__learner=request.user).order_by("-issued_on", "-pk")[: SHOWN + 1]
    )
    if not held:
        return None
    return {
        "template": "certificates/panel.html",
        "certificates": held[:SHOWN],
        "has_more": len(held) > SHOWN,
    }


def certificate_links(request: HttpRequest, enrolments: Sequence[Enrolment]) -> dict[int, RecordLink]:
    """By enrolment id, the number of its certificate leading to its verification page: one query."""
    held = Certificate.objects.filter(enrolment__in=enrolments).order_by("pk")
    return {
        enrolment_id: RecordLink(
            label=number_text, url=reverse("certificates:verify", kwargs={"token": token}), icon="award"
        )
        for enrolment_id, number_text, token in held.values_list("enrolment_id", "number_text", "token")
    }
