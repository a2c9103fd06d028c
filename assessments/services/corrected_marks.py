"""What an answer is worth by the key it is marked by: the version's own, or the one it was corrected to."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.models import Attempt, AttemptQuestion, KeyCorrection, QuestionVersion
from assessments.models.banks import QuestionKind
from assessments.scoring import CENT, penalised, score

# What says of single answers how much they earn: it speaks of the key that was wrong.
SHARES = ("percents", "tiers")


def mark_of(row: AttemptQuestion, *, penalty: int) -> Decimal:
    """The mark the stored answer earns; the row has its version and correction at hand."""
    return corrected_mark(
        version=row.version,
        correction=row.correction,
        answer=row.answer,
        max_mark=row.max_mark,
        penalty=penalty,
    )


def corrected_mark(
    *,
    version: QuestionVersion,
    correction: KeyCorrection | None,
    answer: dict[str, Any] | None,
    max_mark: Decimal,
    penalty: int,
) -> Decimal:
    """The mark in hundredths; ``penalty`` per cent of the maximum for a wrong choice. Raises as ``scoring.score`` does."""
    if correction is None:
        mark = score(version.kind, version.content["key"], answer, max_mark, version.content.get("rules"))
    elif correction.gives_full_mark:
        return max_mark.quantize(CENT, rounding=ROUND_HALF_UP)
    else:
        rules = {
            name: rule for name, rule in correction.rules_of(version.content).items() if name not in SHARES
        }
        # Where one choice is asked for, several accepted ones are alternatives, not a set to be found.
        one = version.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE)
        keys = [[choice] for choice in correction.key] if one else [correction.key]
        mark = max(score(version.kind, key, answer, max_mark, rules) for key in keys)
    is_answered = any((answer or {}).values())
    return penalised(mark, kind=version.kind, max_mark=max_mark, percent=penalty, is_answered=is_answered)


def follow_corrections(attempt: Attempt) -> None:
    """Let an attempt that is being handed in be marked by the keys in force; its row is locked.

    One query where nothing was corrected. A correction committed after this has looked finds the attempt handed in, once
    the lock is gone, and regrades it.
    """
    for version_id, correction in KeyCorrection.objects.newest_of(attempt.quiz_id).items():
        AttemptQuestion.objects.filter(attempt=attempt, version=version_id).update(correction=correction)
