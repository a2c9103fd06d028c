from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "lms.organisations"
    label = "organisations"

    def ready(self) -> None:
        from lms.core.audit_origin import register_actor_description
        from lms.core.permissions import register_job_overseer

        from . import tasks  # noqa: F401  registers the handlers of jobs
        from .access import described_for_audit, oversees_jobs

        register_job_overseer(oversees_jobs)
        register_actor_description(described_for_audit)
