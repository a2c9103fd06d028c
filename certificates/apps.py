from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from courses.panels import register_dashboard_panel, register_record_links
        from lms.core.menus import MenuEntry, register_menu_entry

        from . import (
            personal_data,
            tasks,  # noqa: F401  registers the job's handler
        )
        from .home_panel import register_verification_panel
        from .panels import certificate_links, my_certificates_panel
        from .permissions import can_read_register

        personal_data.register()
        register_dashboard_panel(my_certificates_panel)
        register_record_links(certificate_links)
        register_verification_panel()
        register_menu_entry(
            MenuEntry(
                menu="app", order=21, title=_("My certificates"), url_name="certificates:mine", icon="award"
            )
        )
        for order, title, url_name, icon in (
            (60, _("Issuing certificates"), "certificates:runs", "stamp"),
            (65, _("Register of certificates"), "certificates:register", "book-open-check"),
        ):
            register_menu_entry(
                MenuEntry(
                    menu="app",
                    order=order,
                    title=title,
                    url_name=url_name,
                    icon=icon,
                    visible=lambda request: can_read_register(request.user),
                )
            )
