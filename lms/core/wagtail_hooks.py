"""What this room adds to the CMS admin."""

from wagtail import hooks

from .audit_reader import AuditEventViewSet


@hooks.register("register_admin_viewset")
def audit_trail() -> AuditEventViewSet:
    return AuditEventViewSet()
