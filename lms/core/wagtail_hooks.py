"""The audit trail in the CMS admin: everybody with the right reads it, nobody writes it."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from .admin_views import ReadingPolicy
from .models import AuditEvent


class AuditIndexView(generic.IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("actor")


class AuditEventViewSet(ModelViewSet):
    model = AuditEvent
    name = "audit"
    icon = "history"
    menu_label = _("Audit trail")
    menu_order = 900
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["at", "actor", "action", "object_type", "object_id", "object_label", "data"]
    index_view_class = AuditIndexView
    form_fields: list[str] = []
    list_per_page = 50
    ordering = ["-pk"]
    list_filter = {"action": ["exact"], "object_type": ["exact"], "at": ["date"]}
    search_fields = ["object_label", "action"]
    search_backend_name = None
    list_display = [
        DateColumn("at", label=_("time"), sort_key="pk"),
        Column("actor", label=_("person")),
        Column("action", label=_("action")),
        Column("object_label", label=_("record")),
    ]

    @property
    def permission_policy(self) -> ReadingPolicy:
        return ReadingPolicy(self.model)


@hooks.register("register_admin_viewset")
def audit_trail() -> AuditEventViewSet:
    return AuditEventViewSet()
