from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def reads_reports(request: HttpRequest) -> bool:
    from lms.organisations.access import access_for

    from .permissions import can_read_reports

    return can_read_reports(access_for(request.user))


class ReportingConfig(AppConfig):
    name = "lms.reporting"
    label = "reporting"

    def ready(self) -> None:
        from lms.core.menus import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(
                "app", 70, _("Overview"), "reporting:overview", icon="layout-dashboard", visible=reads_reports
            )
        )
        register_menu_entry(
            MenuEntry(
                "app",
                72,
                _("Completion by unit"),
                "reporting:completion",
                icon="chart-bar",
                visible=reads_reports,
            )
        )
        register_menu_entry(
            MenuEntry(
                "app",
                73,
                _("Obligations by unit"),
                "reporting:matrix",
                icon="list-checks",
                visible=reads_reports,
            )
        )
