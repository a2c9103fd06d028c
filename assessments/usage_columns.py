"""Columns of usage and statistics in the CMS lists of questions and banks."""

from collections.abc import Callable, Collection
from typing import Any

from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from lms.core.templatetags.ui import number

from .analysis_words import FLAGS
from .item_figures import Flag
from .templatetags.marks import figure, share
from .usage import EMPTY_BANK, NEVER_ASKED, usage_of_banks, usage_of_questions

NOTHING = "–"


class WithUsage:
    """An index view whose rows get ``usage``: looked up for the page shown, in the same queries for one and for fifty."""

    usage_of: Callable[[Collection[int]], dict[int, Any]]
    never_used: Any

    def paginate_queryset(self, queryset, page_size):
        paginator, page, rows, has_more = super().paginate_queryset(queryset, page_size)
        usage = type(self).usage_of([row.pk for row in rows])
        for row in rows:
            row.usage = usage.get(row.pk, self.never_used)
        return paginator, page, rows, has_more


class WithQuestionUsage(WithUsage):
    usage_of = staticmethod(usage_of_questions)
    never_used = NEVER_ASKED


class WithBankUsage(WithUsage):
    usage_of = staticmethod(usage_of_banks)
    never_used = EMPTY_BANK


def _facility(row) -> str:
    return share(row.usage.facility) or NOTHING


def _discrimination(row) -> str:
    return figure(row.usage.discrimination, 2) or NOTHING


def _flags(row) -> str:
    labels = [(FLAGS[flag].label,) for flag in row.usage.flags if flag is not Flag.TOO_FEW]
    return format_html_join(", ", "{}", labels) or NOTHING


def _asked(row) -> str:
    return number(row.usage.asked)


QUESTION_COLUMNS = [
    Column("asked", label=_("Times asked"), accessor=_asked),
    Column("facility", label=_("Facility"), accessor=_facility),
    Column("discrimination", label=_("Discrimination"), accessor=_discrimination),
    Column("flags", label=_("Worth a look"), accessor=_flags),
]
BANK_COLUMNS = [
    Column("asked", label=_("Times asked"), accessor=_asked),
    Column("facility", label=_("Mean facility"), accessor=_facility),
    Column(
        "to_look_at", label=_("Questions worth a look"), accessor=lambda row: number(row.usage.to_look_at)
    ),
]
