from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def reads_reports(request: HttpRequest) -> bool:
    from lms.organisations.access import access_for

    from .permissions import can_read_reports

    return can_read_reports(access_for(request.user))


def manages_tokens(request: HttpRequest) -> bool:
    from .permissions import may_manage_tokens

    return may_manage_tokens(request.user)


class ReportingConfig(AppConfig):
    name = "lms.reporting"
    label = "reporting"

    def ready(self) -> None:
        from lms.core.menus import MenuEntry, register_menu_entry

        from . import personal_data

        personal_data.register()
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
        register_menu_entry(
            MenuEntry(
                "app", 95, _("API tokens"), "reporting:tokens", icon="key-round", visible=manages_tokens
            )
        )
