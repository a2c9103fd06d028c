from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(AppConfig):
    name = "lms.users"
    label = "users"
    default = True

    def ready(self) -> None:
        from . import personal_data

        personal_data.register()


class AdminUsersConfig(WagtailUsersAppConfig):
    """Wagtail's pages for people, with our forms and services."""

    user_viewset = "lms.users.viewsets.PeopleViewSet"
