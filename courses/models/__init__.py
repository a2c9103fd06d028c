"""Course pages, runs, enrolments and what learners have done."""

from .enrolments import CriterionResult, Enrolment, EnrolmentMove, LessonProgress
from .external import ExternalTraining
from .pages import CatalogPage, CoursePage, CourseTrainer, LessonPage, ModulePage
from .runs import Criterion, Run, RunTrainer
from .sessions import Attendance, Session

__all__ = [
    "Attendance",
    "CatalogPage",
    "CoursePage",
    "CourseTrainer",
    "Criterion",
    "CriterionResult",
    "Enrolment",
    "EnrolmentMove",
    "ExternalTraining",
    "LessonPage",
    "LessonProgress",
    "ModulePage",
    "Run",
    "RunTrainer",
    "Session",
]
