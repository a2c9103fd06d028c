from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "lms.organisations"
    label = "organisations"

    def ready(self) -> None:
        from lms.core.audit_origin import register_actor_description
        from lms.core.permissions import register_job_overseer
        from lms.users.sessions import register_session_kind

        from . import (
            personal_data,
            tasks,  # noqa: F401  registers the handlers of jobs
        )
        from .access import described_for_audit, kind_of_session, oversees_jobs, role_words

        personal_data.register()
        register_job_overseer(oversees_jobs)
        register_actor_description(described_for_audit, role_words)
        register_session_kind(kind_of_session)
