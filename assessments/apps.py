from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("Quizzes")

    def ready(self) -> None:
        from cms.groups import EDITORS, TRAINERS, register_group_rights
        from courses.criteria import register_criterion_kind
        from courses.panels import register_dashboard_panel, register_lesson_panel
        from courses.run_tabs import RunTab, register_run_tab
        from lms.core.menus import MenuEntry, register_menu_entry
        from lms.organisations.access import access_for
        from lms.organisations.models import Role

        from . import (
            personal_data,
            tasks,  # noqa: F401  registers the handlers of jobs
        )
        from .criteria import QuizCriterion
        from .permissions import TRAINER_PERMISSIONS, can_read_results, can_read_surveys
        from .poll_pages import LESSON_POLLS
        from .survey_criteria import SurveyCriterion
        from .survey_panel import waiting_surveys_panel

        for group in (TRAINERS, EDITORS):
            register_group_rights(group, permissions=TRAINER_PERMISSIONS)
        register_criterion_kind(QuizCriterion())
        register_criterion_kind(SurveyCriterion())
        register_dashboard_panel(waiting_surveys_panel)
        register_lesson_panel(LESSON_POLLS)
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
        register_run_tab(
            RunTab(
                key="surveys",
                order=45,
                title=_("Surveys"),
                url_name="assessments:run_surveys",
                visible=lambda request, run: can_read_surveys(request.user, run),
            )
        )
        register_run_tab(
            RunTab(
                key="polls",
                order=46,
                title=_("Polls"),
                url_name="assessments:run_polls",
                visible=lambda request, run: can_read_surveys(request.user, run),
            )
        )
