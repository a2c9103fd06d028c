"""People in the CMS admin."""

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import Button
from wagtail.users.views import users as wagtail_users

from lms.core.admin_views import KeepingPolicy, ServiceFormMixin

from .forms import PersonEditForm, PersonForm
from .models import User
from .sensitive import READ, kept_fields
from .services import create_person, update_person


class PeopleIndexView(wagtail_users.IndexView):
    page_title = _("People")
    add_item_label = _("Add a person")
    default_ordering = "name"
    search_fields = ["search_text"]

    @property
    def columns(self):
        return [
            TitleColumn(
                "name", accessor="get_full_name", label=_("Name"), sort_key="name", get_url=self.get_edit_url
            ),
            Column("email", label=_("Official e-mail"), sort_key="email"),
            Column("staff_code", label=_("Staff code"), sort_key="staff_code"),
            BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
            DateColumn("last_login", label=_("Last signed in"), sort_key="last_login"),
        ]

    def order_queryset(self, queryset):
        if self.ordering in ("name", "-name"):
            return queryset.order_by(self.ordering.replace("name", "name_key"), "pk")
        return super().order_queryset(queryset)

    def search_queryset(self, queryset):
        return queryset.search(self.search_query) if self.is_searching else queryset

    def get_delete_url(self, instance) -> None:
        return None


class PersonCreateView(ServiceFormMixin, wagtail_users.CreateView):
    page_title = _("Add a person")

    def save_instance(self) -> User:
        return create_person(**self.form.cleaned_data, actor=self.request.user, now=timezone.now())


class PersonEditView(ServiceFormMixin, wagtail_users.EditView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        event_list = f"{reverse('audit:index')}?object_type=users.user&object_id={self.object.pk}"
        trail = Button(_("History"), url=event_list, icon_name="history", priority=50)
        buttons = [*super().header_more_buttons, trail]
        buttons.append(
            self._button(_("Hand out the personal data"), "download_personal_data", "download", 70)
        )
        if self.object.pk != self.request.user.pk:
            buttons += [
                self._button(_("Reset the second step"), "reset_second_step", "key", 55),
                self._button(_("Merge another account into this one"), "merge_people", "group", 75),
                self._button(_("Erase the personal data"), "erase_person", "bin", 80),
            ]
        if kept_fields() and self.request.user.has_perm(READ):
            buttons.append(self._button(_("Sensitive particulars"), "sensitive_particulars", "view", 60))
        return buttons

    def _button(self, label: str, name: str, icon: str, priority: int) -> Button:
        return Button(label, url=reverse(name, args=[self.object.pk]), icon_name=icon, priority=priority)

    # Wagtail's own would ask for a password field.
    def save_instance(self) -> User:
        self.has_content_changes = self.form.has_changed()
        return update_person(
            person=User(pk=self.object.pk),
            **self.form.cleaned_data,
            actor=self.request.user,
            now=timezone.now(),
        )


class PeopleViewSet(wagtail_users.UserViewSet):
    menu_label = _("People")
    ordering = "name"
    copy_view_enabled = False
    index_view_class = PeopleIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    create_template_name = "wagtailadmin/generic/create.html"
    edit_template_name = "wagtailadmin/generic/edit.html"

    @property
    def permission_policy(self) -> KeepingPolicy:
        return KeepingPolicy(self.model)

    def get_form_class(self, for_update: bool = False):
        return PersonEditForm if for_update else PersonForm
