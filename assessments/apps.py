from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("Quizzes")

    def ready(self) -> None:
        from cms.groups import EDITORS, TRAINERS, register_group_rights
        from courses.criteria import register_criterion_kind
        from courses.run_tabs import RunTab, register_run_tab
        from lms.core.menus import MenuEntry, register_menu_entry
        from lms.organisations.access import access_for
        from lms.organisations.models import Role

        from . import (
            personal_data,
            tasks,  # noqa: F401  registers the handlers of jobs
        )
        from .criteria import QuizCriterion
        from .permissions import TRAINER_PERMISSIONS, can_read_results

        for group in (TRAINERS, EDITORS):
            register_group_rights(group, permissions=TRAINER_PERMISSIONS)
        register_criterion_kind(QuizCriterion())
        personal_data.register()
        register_menu_entry(
            MenuEntry(
                menu="app",
                order=45,
                title=_("Quiz results"),
                url_name="assessments:results_index",
                icon="clipboard-check",
                # Who sees classes finds the results behind a class's tab; coordinators see no classes.
                visible=lambda request: access_for(request.user).has(Role.COORDINATOR),
            )
        )
        register_run_tab(
            RunTab(
                key="quizzes",
                order=40,
                title=_("Quiz results"),
                url_name="assessments:results",
                visible=lambda request, run: can_read_results(request.user, run),
            )
        )
