"""The dashboard of those who read reports."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.models import Run
from lms.core.charts import column_chart, week_label

from ..figures import LABELS, PARTS
from ..permissions import report_access
from ..queries import Scope, UnitRow, completion_by_unit

WEEKS = 12
RANKED = 10


def completions_by_week(access, *, today: date, weeks: int = WEEKS) -> list[tuple[date, int]]:
    """(Monday, completions in that week), oldest first, weeks without any included."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=weeks - 1)
    counted = dict(
        Scope()
        .enrolments(as_at=today)
        .filter(access.units_q("unit"), completed_at__date__gte=first)
        .annotate(week=TruncWeek("completed_at"))
        .order_by()
        .values("week")
        .annotate(n=Count("pk"))
        .values_list("week", "n")
    )
    by_day = {moment.date(): n for moment, n in counted.items()}
    return [(day, by_day.get(day, 0)) for day in (first + timedelta(weeks=week) for week in range(weeks))]


def key_figures(tops: list[UnitRow]) -> list[tuple[str, object, int, int | None]]:
    """(figure, label, value, what it is a part of): the participations, then the parts anyone is in."""
    sums = {figure: sum(getattr(row, figure) for row in tops) for figure in ("participations", *PARTS)}
    whole = sums["participations"]
    return [
        ("participations", LABELS["participations"], whole, None),
        *((part, LABELS[part], sums[part], whole) for part in PARTS if sums[part]),
    ]


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Key figures with their denominators, the trend, the units, the open runs."""
    access = report_access(request)
    today = timezone.localdate()
    year = Scope(closes_from=date(today.year, 1, 1), closes_to=date(today.year, 12, 31))
    report = completion_by_unit(scope=year, as_at=today, access=access)
    below = [row for row in report.compared() if row.denominator]
    ranked = sorted(below, key=lambda row: (row.rate or 0, row.completed), reverse=True)
    weeks = completions_by_week(access, today=today)
    runs = (
        Run.objects.filter(state=Run.State.OPEN)
        .with_seats_taken()
        .select_related("course")
        .order_by("due_on", "code")[:8]
    )
    return render(
        request,
        "reporting/overview.html",
        {
            "year": today.year,
            "today": today,
            "key_figures": key_figures(report.tops),
            "participations": sum(row.participations for row in report.tops),
            "ranked": ranked[:RANKED],
            "ranked_count": len(ranked),
            "weeks": weeks,
            "chart": column_chart([(week_label(day), n) for day, n in weeks]),
            "runs": runs,
        },
    )
