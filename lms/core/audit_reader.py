"""The audit trail in the CMS admin: everybody with the right reads it, nobody writes it."""

import json
from typing import Any

import django_filters
from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateInput

from .admin_views import ReadingPolicy
from .audit import record_event
from .audit_origin import words_of_roles
from .audit_words import known_actions, words_of
from .models import AuditEvent
from .spreadsheets import safe_cell
from .templatetags.ui import moment


def kind_of(object_type: str) -> str:
    """ "courses.run" in words; a kind that is no more is shown by its code."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except LookupError:
        return object_type


def action_choices() -> list[tuple[str, str]]:
    return sorted(
        ((action, str(words)) for action, words in known_actions().items()), key=lambda pair: pair[1]
    )


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of records that events speak of, from their index."""
    kinds = AuditEvent.objects.order_by().values_list("object_type", flat=True).distinct()
    return sorted(((kind, kind_of(kind)) for kind in kinds), key=lambda pair: pair[1])


class AuditFilterSet(WagtailFilterSet):
    """Every choice stands in the address: a link shows what its sender saw."""

    who = django_filters.CharFilter(label=_("Person: name, e-mail or staff code"), method="by_person")
    action = django_filters.ChoiceFilter(label=_("What was done"), choices=action_choices)
    object_type = django_filters.ChoiceFilter(label=_("kind of record"), choices=kind_choices)
    object_id = django_filters.CharFilter(label=_("Number of the record"))
    since = django_filters.DateFilter(
        label=_("From"), field_name="at", lookup_expr="date__gte", widget=AdminDateInput
    )
    until = django_filters.DateFilter(
        label=_("Up to"), field_name="at", lookup_expr="date__lte", widget=AdminDateInput
    )
    address = django_filters.CharFilter(label=_("Network address"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def by_person(self, events: QuerySet, name: str, value: str) -> QuerySet:
        return events.filter(
            actor__in=AuditEvent.actor.field.related_model.objects.search(value).values("pk")
        )


class AuditIndexView(generic.IndexView):
    default_ordering = "-pk"
    show_export_buttons = True
    list_export = [
        "pk",
        "at",
        "actor_name",
        "actor_role",
        "actor_unit",
        "address",
        "action",
        "action_words",
        "object_type",
        "object_id",
        "object_label",
        "data_text",
    ]
    export_headings = {
        "pk": _("Number"),
        "at": _("time"),
        "actor_name": _("person"),
        "actor_role": _("in the role"),
        "actor_unit": _("unit of the role"),
        "address": _("Network address"),
        "action": _("Code"),
        "action_words": _("What was done"),
        "object_type": _("kind of record"),
        "object_id": _("Number of the record"),
        "object_label": _("record"),
        "data_text": _("Particulars"),
    }

    def get_base_queryset(self) -> QuerySet[AuditEvent]:
        return super().get_base_queryset().select_related("actor")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A filter nobody knows finds nothing: the history of one record must never turn into that of all."""
        if not self.filters.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset)

    def to_row_dict(self, item: AuditEvent) -> dict[str, Any]:
        """A row of an export; nothing in it is run by a spreadsheet."""
        row = {
            "pk": item.pk,
            "at": timezone.make_naive(item.at),
            "actor_name": str(item.actor or gettext("system")),
            "actor_role": words_of_roles(item.actor_role),
            "action_words": str(words_of(item.action)),
            "data_text": json.dumps(item.data, ensure_ascii=False) if item.data else "",
            **{
                name: getattr(item, name)
                for name in (
                    "actor_unit",
                    "address",
                    "action",
                    "object_type",
                    "object_id",
                    "object_label",
                )
            },
        }
        return {name: safe_cell(row[name]) for name in self.list_export}

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str):
        """Who takes the trail along is in the trail."""
        with transaction.atomic():
            record_event(
                actor=self.request.user,
                action="audit.exported",
                target=self.request.user,
                now=timezone.now(),
                format=spreadsheet_format,
                filters={
                    name: value for name, value in self.request.GET.items() if name != "export" and value
                },
            )
        # Read slice by slice: the trail grows without end.
        return super().as_spreadsheet(queryset.iterator(chunk_size=2000), spreadsheet_format)


class AuditEventView(generic.InspectView):
    """One event, its link in the chain, and the way to everything else that happened to its record."""

    page_title = _("Audit event")
    labels = {"object_id": _("Number of the record"), "object_label": _("record"), "data": _("Particulars")}

    @cached_property
    def object_history_url(self) -> str:
        event = self.object
        return f"{reverse('audit:index')}?object_type={event.object_type}&object_id={event.object_id}"

    def get_page_subtitle(self) -> str:
        return str(words_of(self.object.action))

    def get_field_label(self, field_name: str, field) -> str:
        return capfirst(str(self.labels.get(field_name) or super().get_field_label(field_name, field)))

    def get_field_display_value(self, field_name: str, field) -> Any:
        event = self.object
        if field_name == "action":
            return f"{words_of(event.action)} ({event.action})"
        if field_name == "actor":
            return event.actor or gettext("system")
        if field_name == "actor_role":
            return words_of_roles(event.actor_role) or "–"
        if field_name == "object_type":
            return kind_of(event.object_type)
        if field_name == "data":
            return json.dumps(event.data, ensure_ascii=False, indent=1) if event.data else "–"
        return super().get_field_display_value(field_name, field)

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "seal": getattr(self.object, "seal", None),
            "object_history_url": self.object_history_url,
        }


class AuditEventViewSet(ModelViewSet):
    model = AuditEvent
    name = "audit"
    icon = "history"
    menu_label = _("Audit trail")
    menu_order = 900
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_class = AuditEventView
    inspect_template_name = "core/admin/audit_event.html"
    inspect_view_fields = [
        "at",
        "actor",
        "actor_role",
        "actor_unit",
        "address",
        "action",
        "object_type",
        "object_id",
        "object_label",
        "data",
    ]
    index_view_class = AuditIndexView
    filterset_class = AuditFilterSet
    form_fields: list[str] = []
    list_per_page = 50
    ordering = ["-pk"]
    search_fields = ["object_label", "action"]
    search_backend_name = None
    list_display = [
        TitleColumn(
            "at",
            label=_("time"),
            sort_key="pk",
            accessor=lambda event: moment(event.at),
            get_url=lambda event: reverse("audit:inspect", args=[event.pk]),
        ),
        Column("actor", label=_("person")),
        Column("role", label=_("in the role"), accessor=lambda event: words_of_roles(event.actor_role)),
        Column("words", label=_("What was done"), accessor=lambda event: words_of(event.action)),
        Column("object_label", label=_("record")),
    ]

    @property
    def permission_policy(self) -> ReadingPolicy:
        return ReadingPolicy(self.model)
