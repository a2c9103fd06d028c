from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "lms.core"
    label = "core"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers them
        from .menus import MenuEntry, register_menu_entry
        from .permissions import oversees_jobs

        register_menu_entry(
            MenuEntry(
                menu="app",
                order=90,
                title=_("Background work"),
                url_name="core:jobs",
                icon="list-checks",
                visible=lambda request: oversees_jobs(request.user),
            )
        )
