"""The learner's entries in the menu; everybody who is signed in may learn."""

from django.utils.translation import gettext_lazy as _

from lms.core.menus import MenuEntry, register_menu_entry


def register() -> None:
    register_menu_entry(
        MenuEntry(
            menu="app", order=10, title=_("My learning"), url_name="courses:dashboard", icon="book-open"
        )
    )
    register_menu_entry(
        MenuEntry(
            menu="app",
            order=15,
            title=_("My timetable"),
            url_name="courses:my_timetable",
            icon="calendar-days",
        )
    )
    register_menu_entry(
        MenuEntry(
            menu="app", order=20, title=_("Training record"), url_name="courses:record", icon="file-text"
        )
    )
