"""Why one participation is counted as it is."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from assessments.models import Attempt
from certificates.models import Certificate
from courses.models import CriterionResult, Enrolment, LessonProgress
from courses.page_links import shown_title
from lms.core.models import AuditEvent

from ..figures import LABELS, conditions
from ..forms import filter_of
from ..permissions import report_access


@login_required
@require_safe
def explanation(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Run and decision, who nominated and approved, what was read and sat and when, the certificate, the audit."""
    access = report_access(request)
    rows = Enrolment.objects.filter(access.units_q("unit"))
    enrolment = get_object_or_404(
        rows.select_related("learner", "unit", "run__course", "nominated_by", "approved_by").annotate(
            course_title=shown_title("run__course__")
        ),
        pk=enrolment_id,
    )
    day = filter_of(request).as_at_day
    part = next(
        (p for p, condition in conditions(day).items() if rows.filter(condition, pk=enrolment.pk).exists()),
        "",
    )
    return render(
        request,
        "reporting/explanation.html",
        {
            "enrolment": enrolment,
            "day": day,
            "part_label": LABELS.get(part, ""),
            "part": part,
            "lessons": LessonProgress.objects.filter(enrolment=enrolment)
            .select_related("lesson")
            .annotate(lesson_title=shown_title("lesson__"))
            .order_by("lesson__path"),
            "results": CriterionResult.objects.filter(enrolment=enrolment)
            .select_related("criterion")
            .order_by("met_at"),
            "attempts": Attempt.objects.filter(enrolment=enrolment)
            .select_related("quiz")
            .order_by("started_at"),
            "certificates": Certificate.objects.filter(enrolment=enrolment),
            "events": AuditEvent.objects.filter(
                object_type=Enrolment._meta.label_lower, object_id=str(enrolment.pk)
            )
            .select_related("actor")
            .order_by("pk"),
        },
    )
