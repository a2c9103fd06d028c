"""The audit trail: one event beside each change, at the price of one statement."""

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import ReferenceIndex

from lms.core.audit import record_event
from lms.core.models import AuditEvent
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


def test_an_event_is_one_statement_and_no_use_of_its_person_in_the_cms(django_assert_num_queries):
    person, unit = make_person(), make_unit()
    before = ReferenceIndex.objects.count()
    with transaction.atomic(), django_assert_num_queries(1):
        record_event(actor=person, action="unit.seen", target=unit, now=timezone.now(), why="to test")
    assert AuditEvent.objects.get(action="unit.seen").data == {"why": "to test"}
    assert ReferenceIndex.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_an_event_is_refused_outside_the_transaction_of_its_change():
    with pytest.raises(transaction.TransactionManagementError):
        record_event(actor=None, action="unit.seen", target=make_unit(), now=timezone.now())
