"""Results of a run's quizzes, set-based: a constant number of queries whatever the class's size."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.db.models import (
    Avg,
    Count,
    DecimalField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from courses.models import Enrolment, Run

from .models import Accommodation, Attempt, Quiz

SCORE = DecimalField(max_digits=7, decimal_places=2)


def counted_score(quiz: Quiz, attempts: Iterable[Attempt]) -> Decimal | None:
    """The score that counts among one learner's attempts, by the quiz's rule; None before one is handed in.

    A mean is cut to hundredths, never rounded up.
    """
    scores = [row.score for row in sorted(attempts, key=lambda row: row.number) if row.score is not None]
    if not scores:
        return None
    if quiz.counted == Quiz.Counted.MEAN:
        return (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    rules = {Quiz.Counted.FIRST: scores[0], Quiz.Counted.LAST: scores[-1]}
    return rules.get(quiz.counted, max(scores))


@dataclass(frozen=True)
class QuizFigures:
    """Of the learners the reader may see: who has begun, who has passed, the mean of the scores that count in per cent."""

    learners: int
    begun: int
    passed: int
    mean_percent: Decimal | None


def quizzes_of(run: Run) -> QuerySet[Quiz]:
    """The quizzes of the run's course in the order of its modules."""
    return Quiz.objects.filter(module__path__startswith=run.course.path).order_by("module__path", "pk")


def with_quiz_results(enrolments: QuerySet[Enrolment], quiz: Quiz) -> QuerySet[Enrolment]:
    """Adds of one quiz ``attempts_allowed``, ``attempts_used``, ``counted_score``, ``out_of``, ``passes``, ``running``,
    ``being_marked`` and ``last_at``."""

    def figure(aggregate, output_field=None) -> Subquery:
        rows = Attempt.objects.filter(enrolment=OuterRef("pk"), quiz=quiz).order_by().values("enrolment")
        return Subquery(rows.annotate(figure=aggregate).values("figure"), output_field=output_field)

    def count(condition: Q) -> Coalesce:
        return Coalesce(figure(Count("pk", filter=condition), IntegerField()), Value(0))

    granted = (
        Accommodation.objects.standing()
        .filter(Q(enrolment=OuterRef("pk")) | Q(enrolment=None), quiz=quiz, run=OuterRef("run_id"))
        .order_by()
        .values("quiz")
        .annotate(figure=Sum("extra_attempts"))
        .values("figure")
    )
    done = Attempt.objects.filter(enrolment=OuterRef("pk"), quiz=quiz, state=Attempt.State.GRADED).order_by(
        "number"
    )
    counted = {
        Quiz.Counted.FIRST: Subquery(done.values("score")[:1]),
        Quiz.Counted.LAST: Subquery(done.reverse().values("score")[:1]),
        Quiz.Counted.MEAN: figure(Avg("score"), SCORE),
    }.get(quiz.counted, figure(Max("score"), SCORE))
    return enrolments.annotate(
        attempts_allowed=Value(quiz.max_attempts) + Coalesce(Subquery(granted), Value(0)),
        attempts_used=count(Q()),
        passes=count(Q(passed=True)),
        running=count(Q(state=Attempt.State.IN_PROGRESS)),
        being_marked=count(Q(state=Attempt.State.SUBMITTED)),
        counted_score=counted,
        out_of=figure(Max("max_score"), SCORE),
        last_at=figure(Max("submitted_at")),
    )


def figures_of(enrolments: QuerySet[Enrolment], quiz: Quiz) -> QuizFigures:
    """Two queries."""
    rows = list(
        with_quiz_results(enrolments, quiz)
        .filter(attempts_used__gt=0)
        .order_by()
        .values_list("counted_score", "out_of", "passes")
    )
    shares = [score * 100 / out_of for score, out_of, _passes in rows if score is not None]
    return QuizFigures(
        learners=enrolments.count(),
        begun=len(rows),
        passed=sum(1 for _score, _out_of, passes in rows if passes),
        mean_percent=(sum(shares) / len(shares)).quantize(Decimal("0.1")) if shares else None,
    )
