"""Course pages, runs, enrolments and what learners have done."""

from .enrolments import CriterionResult, Enrolment, EnrolmentMove, LessonProgress
from .external import ExternalTraining
from .pages import CatalogPage, CoursePage, CourseTrainer, LessonPage, ModulePage
from .requirements import Exemption, Recognition, Requirement, RequirementMember, RequirementUnit
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
    "Exemption",
    "ExternalTraining",
    "LessonPage",
    "LessonProgress",
    "ModulePage",
    "Recognition",
    "Requirement",
    "RequirementMember",
    "RequirementUnit",
    "Run",
    "RunTrainer",
    "Session",
]
