"""The tabs of a class's page. Upper rooms add theirs: certificates, results of quizzes, the report.

A page behind a tab fetches the run from ``Run.objects.visible_to(request.user).with_course()``, extends
``courses/run_base.html`` and puts ``run_page_context`` into its context.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lms.organisations.access import access_for
from lms.organisations.models import Role

from .models import Run


@dataclass(frozen=True)
class RunTab:
    """``url_name`` takes the run's ``code``; ``visible(request, run)`` says who sees it; smaller ``order`` stands first."""

    key: str
    order: int
    title: str | Promise
    url_name: str
    visible: Callable[[HttpRequest, Run], bool] = lambda request, run: True
    count: Callable[[Run], int | None] = lambda run: None


_tabs: dict[str, RunTab] = {}


def register_run_tab(tab: RunTab) -> None:
    """Registering a key again replaces its tab."""
    _tabs[tab.key] = tab


def run_tabs(request: HttpRequest, run: Run, *, active: str) -> list[dict[str, Any]]:
    """The tabs this person sees, as ``components/tabs.html`` wants them."""
    return [
        {
            "title": tab.title,
            "url": reverse(tab.url_name, kwargs={"code": run.code}),
            "active": tab.key == active,
            "count": tab.count(run),
        }
        for tab in sorted(_tabs.values(), key=lambda tab: (tab.order, tab.key))
        if tab.visible(request, run)
    ]


def run_page_context(request: HttpRequest, run: Run, *, active: str) -> dict[str, Any]:
    """What ``courses/run_base.html`` reads: the run, its tabs and the way back to the list."""
    access = access_for(request.user)
    if access.sees_all_units:
        parent = {"title": _("Classes"), "url": reverse("courses:runs")}
    else:
        parent = {"title": _("My classes"), "url": reverse("courses:my_runs")}
    return {
        "run": run,
        "tabs": run_tabs(request, run, active=active),
        "breadcrumbs": [parent, {"title": run.display_title}],
        "may_manage": access.has(Role.SCHOOL_ADMINISTRATOR),
    }
