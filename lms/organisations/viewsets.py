"""Units, postings and roles in the CMS admin, written through the services of this room."""

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from lms.core.admin_views import KeepingPolicy, ServiceFormMixin

from .forms import PostingEndForm, PostingForm, RoleGrantEndForm, RoleGrantForm
from .models import Posting, RoleGrant
from .permissions import may_configure_organisation
from .services import end_posting, end_role, grant_role, post_official
from .views import changes, staff_lists, units


class _IndexView(generic.IndexView):
    """One query for the rows with what their columns show."""

    def get_base_queryset(self):
        shown = [field.name for field in self.model._meta.fields if field.many_to_one]
        return super().get_base_queryset().select_related(*shown)


class _CreateView(ServiceFormMixin, generic.CreateView):
    def values(self) -> dict[str, Any]:
        return {**self.form.cleaned_data, "actor": self.request.user, "now": timezone.now()}


class _EditView(ServiceFormMixin, generic.EditView):
    def get_object(self, queryset=None):
        # The form writes into the object it shows; the service gets the row as it is kept.
        self.kept = super().get_object(queryset)
        return type(self.kept)._default_manager.get(pk=self.kept.pk)

    def values(self) -> dict[str, Any]:
        self.has_content_changes = self.form.has_changed()
        return {**self.form.cleaned_data, "actor": self.request.user, "now": timezone.now()}


class PostingCreateView(_CreateView):
    def save_instance(self) -> Posting:
        return post_official(**self.values())


class PostingEndView(_EditView):
    def save_instance(self) -> Posting:
        return end_posting(posting=self.kept, **self.values())


class RoleGrantCreateView(_CreateView):
    def save_instance(self) -> RoleGrant:
        return grant_role(**self.values())


class RoleGrantEndView(_EditView):
    def save_instance(self) -> RoleGrant:
        return end_role(grant=self.kept, **self.values())


class _ViewSet(ModelViewSet):
    index_view_class = _IndexView
    copy_view_enabled = False
    list_per_page = 50
    search_backend_name = None
    create_form: type
    change_form: type

    @property
    def permission_policy(self) -> KeepingPolicy:
        return KeepingPolicy(self.model)

    def get_form_class(self, for_update: bool = False) -> type:
        return self.change_form if for_update else self.create_form


class ConfigurersMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return may_configure_organisation(request.user, now=timezone.now())


class UnitViewSet(ViewSet):
    """The tree of units and the changes of its structure."""

    name = "units"
    icon = "site"
    menu_label = _("Units")
    menu_item_class = ConfigurersMenuItem

    def get_urlpatterns(self) -> list:
        return [
            path("", units.index, name="index"),
            path("search/", units.search, name="search"),
            path("export/", units.export, name="export"),
            path("new/", changes.change, name="add"),
            path("changes/", changes.events, name="events"),
            path("changes/<int:pk>/", changes.event_page, name="event"),
            path("changes/<int:pk>/undo/", changes.undo, name="undo"),
            path("changes/<int:pk>/scan/", changes.scan, name="scan"),
            path("<int:pk>/", units.unit_page, name="edit"),
            path("<int:pk>/below/", units.children, name="children"),
            path("<int:pk>/<slug:kind>/", changes.change, name="change_unit"),
        ]


class StaffListViewSet(ViewSet):
    """Staff lists that come in from other systems."""

    name = "staff_lists"
    url_prefix = "staff-lists"
    icon = "upload"
    menu_label = _("Staff lists")
    menu_item_class = ConfigurersMenuItem

    def get_urlpatterns(self) -> list:
        return [
            path("", staff_lists.index, name="index"),
            path("columns/", staff_lists.columns, name="columns"),
            path("<uuid:public_id>/", staff_lists.job, name="job"),
            path("<uuid:public_id>/answers/", staff_lists.answer, name="answer"),
            path("<uuid:public_id>/load/", staff_lists.load, name="load"),
            path("<uuid:public_id>/invite/", staff_lists.invite, name="invite"),
            path("<uuid:public_id>/errors/", staff_lists.errors, name="errors"),
        ]


class PostingViewSet(_ViewSet):
    model = Posting
    name = "postings"
    icon = "user"
    menu_label = _("Postings")
    create_form, change_form = PostingForm, PostingEndForm
    add_view_class, edit_view_class = PostingCreateView, PostingEndView
    ordering = ["person__name_key"]
    list_filter = ["category", "is_main"]
    search_fields = ["person__search_text", "unit__name", "position"]
    list_display = [
        "person",
        Column("unit", label=_("Unit")),
        Column("position", label=_("Position")),
        DateColumn("valid_from", label=_("From"), sort_key="valid_from"),
        DateColumn("valid_to", label=_("To"), sort_key="valid_to"),
    ]


class RoleGrantViewSet(_ViewSet):
    model = RoleGrant
    name = "roles"
    icon = "key"
    menu_label = _("Roles")
    create_form, change_form = RoleGrantForm, RoleGrantEndForm
    add_view_class, edit_view_class = RoleGrantCreateView, RoleGrantEndView
    ordering = ["person__name_key"]
    list_filter = ["role"]
    search_fields = ["person__search_text", "unit__name"]
    list_display = [
        "person",
        Column("get_role_display", label=_("Role")),
        Column("unit", label=_("Unit")),
        DateColumn("valid_from", label=_("From"), sort_key="valid_from"),
        DateColumn("valid_to", label=_("To"), sort_key="valid_to"),
    ]


class OrganisationViewSetGroup(ModelViewSetGroup):
    menu_label = _("Organisation")
    menu_icon = "group"
    menu_order = 700
    items = (UnitViewSet, StaffListViewSet, PostingViewSet, RoleGrantViewSet)
