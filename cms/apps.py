from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def groups_after_migrate(**options: Any) -> None:
    """A new installation has the groups before it has pages. Emptying test tables is no migration and is left alone."""
    from .groups import ensure_groups

    if "plan" in options:
        ensure_groups()


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from lms.organisations.models import Role
        from lms.organisations.role_groups import register_role_group

        from .groups import (
            ADMIN_ACCESS,
            EDITORS,
            READ_TRAIL,
            SYSTEM_ADMINISTRATORS,
            SYSTEM_RIGHTS,
            TRAINERS,
            register_group_rights,
        )
        from .models import HomePage, NewsPage, StandardPage
        from .search import SearchGroup, page_hits, register_search_group

        register_search_group(
            SearchGroup(
                key="news",
                order=30,
                title=_("News"),
                icon="newspaper",
                pages=NewsPage.objects.all,
                hits=page_hits,
            )
        )
        register_search_group(
            SearchGroup(
                key="pages",
                order=40,
                title=_("Pages"),
                icon="file-text",
                pages=StandardPage.objects.all,
                hits=page_hits,
            )
        )
        register_group_rights(
            EDITORS,
            permissions=[ADMIN_ACCESS, READ_TRAIL, ("cms", "change_sitesettings")],
            pages=HomePage.objects.all,
            files=True,
        )
        register_role_group(Role.SCHOOL_ADMINISTRATOR, EDITORS)
        register_role_group(Role.TRAINER, TRAINERS)
        register_group_rights(SYSTEM_ADMINISTRATORS, permissions=[ADMIN_ACCESS, *SYSTEM_RIGHTS])
        register_role_group(Role.SYSTEM_ADMINISTRATOR, SYSTEM_ADMINISTRATORS)
        post_migrate.connect(groups_after_migrate, sender=self, dispatch_uid="cms.groups")
