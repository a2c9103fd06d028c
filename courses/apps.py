from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from cms.groups import ADMIN_ACCESS, TRAINERS, register_group_rights
        from lms.organisations.followers import Follower, register_follower

        from . import learner_menu, management_menu, personal_data
        from .home_panels import register_home_panels
        from .models import CatalogPage
        from .search import register_search_groups
        from .services.moves import follow, undo

        personal_data.register()
        learner_menu.register()
        management_menu.register()
        register_home_panels()
        register_search_groups()
        register_follower("enrolments", Follower(label=_("participations"), follow=follow, undo=undo))
        register_group_rights(TRAINERS, permissions=[ADMIN_ACCESS], pages=CatalogPage.objects.all, files=True)
