"""The audit trail in templates."""

from django import template
from django.db import models
from django.urls import reverse

from lms.core.audit_words import words_of
from lms.core.models import AuditEvent

register = template.Library()


@register.filter
def action_words(event: AuditEvent) -> str:
    return str(words_of(event.action))


@register.simple_tag(takes_context=True)
def history_url(context: template.Context, record: models.Model) -> str:
    """Where the trail shows this record's history; "" for readers without the right."""
    user = context["request"].user
    if record is None or record.pk is None or not user.has_perm("core.view_auditevent"):
        return ""
    label = record._meta.concrete_model._meta.label_lower
    return f"{reverse('audit:index')}?object_type={label}&object_id={record.pk}"
