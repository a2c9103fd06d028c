"""The attendance book of a class (sổ điểm danh) as PDF: A4 across, as many sheets as its sessions need."""

from datetime import datetime

from django.utils import timezone

from cms.models import SiteSettings
from lms.core.pdf import render_pdf

from .models import Attendance, Run
from .services.attendance import learners_of_run

# What a sheet holds beside number, name, unit and signature.
COLUMNS = 10
# As attendance books are kept: x is there, P with leave (có phép), K without (không phép).
SIGNS = {Attendance.State.PRESENT: "x", Attendance.State.EXCUSED: "P", Attendance.State.ABSENT: "K"}


def attendance_sheet_pdf(run: Run, *, names: SiteSettings, now: datetime) -> bytes:
    """``run`` with its course. Cells nobody has marked are left free for the pen."""
    sessions = list(run.sessions.standing().select_related("trainer"))
    learners = list(learners_of_run(run))
    signs = {
        (enrolment, session): SIGNS[state]
        for enrolment, session, state in Attendance.objects.filter(session__run=run).values_list(
            "enrolment_id", "session_id", "state"
        )
    }
    sheets = []
    for start in range(0, max(len(sessions), 1), COLUMNS):
        shown = sessions[start : start + COLUMNS]
        blank = range(COLUMNS - len(shown))
        rows = [
            {"enrolment": row, "cells": [signs.get((row.pk, session.pk), "") for session in shown]}
            for row in learners
        ]
        sheets.append({"sessions": shown, "blank": blank, "rows": rows})
    context = {
        "run": run,
        "sheets": sheets,
        "trainers": [link.person for link in run.trainer_links.select_related("person")],
        "ministry": names.ministry_name_vi,
        "school": names.school_name_vi,
        "made_on": timezone.localdate(now),
    }
    return render_pdf("courses/pdf/attendance_sheet.html", context, made_at=now)
