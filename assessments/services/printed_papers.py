"""Drawing variants of a quiz to be printed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from assessments.models import PrintedPaper, QuestionVersion, Quiz
from assessments.permissions import belongs_to_course, can_read_keys
from assessments.question_content import frozen_order
from assessments.scoring import CHOSEN, SLOTTED, TYPED
from courses.models import Run
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from .quizzes import DrawSource

MOST_AT_ONCE = 10
MOST_VARIANTS = 999
# A file is no paper.
PRINTABLE_KINDS = CHOSEN | TYPED | SLOTTED | {"essay"}


class NotPrintable(DomainError):
    """A question drawn cannot be asked on paper."""


class TooManyVariants(DomainError):
    message = _("Draw between 1 and 10 variants at a time.")


@transaction.atomic
def draw_papers(*, quiz: Quiz, run: Run, count: int, actor, now: datetime) -> list[PrintedPaper]:
    """``count`` new variants, each drawn as an attempt is; numbers of a class and quiz follow each other.

    Raises NotAllowed, TooManyVariants, NotPrintable, and QuizNotReady when the banks are too small.
    """
    if not can_read_keys(actor, run) or not belongs_to_course(quiz, run):
        raise NotAllowed(_("Only trainers of the class and the training department print papers."))
    # Two clicks at one moment: the second takes the numbers after the first.
    Run.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
    last = PrintedPaper.objects.filter(quiz=quiz, run=run).aggregate(last=Max("number", default=0))["last"]
    if not 1 <= count <= MOST_AT_ONCE or last + count > MOST_VARIANTS:
        raise TooManyVariants
    papers = []
    for number in range(last + 1, last + count + 1):
        paper = PrintedPaper.objects.create(
            quiz=quiz, run=run, number=number, questions=_drawn(quiz), drawn_by=actor, drawn_at=now
        )
        record_event(
            actor=actor,
            action="paper.drawn",
            target=paper,
            now=now,
            quiz=quiz.pk,
            run=run.code,
            variant=paper.code,
            questions=len(paper.questions),
        )
        papers.append(paper)
    return papers


def _drawn(quiz: Quiz) -> list[dict]:
    drawn = DrawSource.of(quiz).draw()
    versions = QuestionVersion.objects.select_related("question").in_bulk([one.version_id for one in drawn])
    questions = []
    for one in drawn:
        version = versions[one.version_id]
        if version.kind not in PRINTABLE_KINDS:
            raise NotPrintable(
                _("Question %(code)s is of a kind that cannot be printed: %(kind)s.")
                % {"code": version.question.code, "kind": version.get_kind_display()}
            )
        order = frozen_order(version.kind, version.content, shuffle=quiz.shuffle)
        questions.append({"version": version.pk, "choices": order, "mark": str(one.mark)})
    return questions
