"""Menu entries and tabs of the management pages, registered when the app is ready."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lms.core.menus import MenuEntry, register_menu_entry


def register() -> None:
    from lms.organisations.access import access_for  # models are loaded by now
    from lms.organisations.models import Role

    from .run_tabs import RunTab, register_run_tab

    def holds(*roles: str):
        return lambda request: access_for(request.user).has(*roles)

    def sees_all_units(request: HttpRequest, *_run) -> bool:
        return access_for(request.user).sees_all_units

    for entry in (
        MenuEntry("app", 30, _("My unit"), "courses:my_unit", "building-2", holds(Role.COORDINATOR)),
        MenuEntry("app", 35, _("Nominations"), "courses:nominations", "user-plus", holds(Role.COORDINATOR)),
        MenuEntry(
            "app",
            55,
            _("Training elsewhere"),
            "courses:external_trainings",
            "graduation-cap",
            lambda request: sees_all_units(request) or access_for(request.user).has(Role.COORDINATOR),
        ),
        MenuEntry("app", 40, _("My classes"), "courses:my_runs", "presentation", holds(Role.TRAINER)),
        MenuEntry("app", 50, _("Classes"), "courses:runs", "school", sees_all_units),
        MenuEntry("app", 52, _("Requirements"), "courses:requirements", "clipboard-check", sees_all_units),
    ):
        register_menu_entry(entry)
    for tab in (
        RunTab("overview", 10, _("Overview"), "courses:run"),
        RunTab("nominations", 20, _("Nominations"), "courses:run_nominations", sees_all_units),
        RunTab("learners", 30, _("Learners"), "courses:run_learners"),
        RunTab("timetable", 35, _("Timetable"), "courses:run_sessions"),
    ):
        register_run_tab(tab)
