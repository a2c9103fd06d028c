"""What an item analysis says, in words: flags of questions, remarks beside a reliability."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .item_figures import Flag, Remark


@dataclass(frozen=True)
class FlagWords:
    """``label`` on the badge, ``advice`` for who wonders what to do; ``tone`` and ``icon`` as badges have them."""

    label: str | Promise
    advice: str | Promise
    tone: str
    icon: str


FLAGS = {
    Flag.WRONG_KEY: FlagWords(
        _("wrong key?"),
        _(
            "Of the best third, more chose another answer than the key. Look at the key first, then at the wording."
        ),
        "danger",
        "key-round",
    ),
    Flag.NEGATIVE: FlagWords(
        _("works backwards"),
        _(
            "Those who do well in the other questions do worse in this one. Often the key or the wording is at fault."
        ),
        "danger",
        "trending-down",
    ),
    Flag.NO_DISCRIMINATION: FlagWords(
        _("does not discriminate"),
        _("Strong and weak learners answer it much alike, so it adds little to the score's meaning."),
        "warning",
        "scale",
    ),
    Flag.TOO_EASY: FlagWords(
        _("too easy"),
        _("Nearly everybody gets it right. That may be wanted of what all must know."),
        "info",
        "feather",
    ),
    Flag.TOO_HARD: FlagWords(
        _("too hard"),
        _("Hardly anybody gets it right. See whether it was taught, and whether it can be understood."),
        "warning",
        "mountain",
    ),
    Flag.IDLE_CHOICE: FlagWords(
        _("idle choice"),
        _("A wrong choice is taken by hardly anybody; a more plausible one would make the question better."),
        "neutral",
        "circle-dashed",
    ),
    Flag.TOO_FEW: FlagWords(
        _("too few answers"),
        _("Too few learners have answered for a judgement."),
        "neutral",
        "hourglass",
    ),
}

REMARKS = {
    Remark.RANDOM_DRAWS: _(
        "Questions are drawn at random, so learners sat different forms. Reliability belongs to one form: here it is "
        "computed over the questions that everybody got."
    ),
    Remark.NOTHING_COMMON: _(
        "Fewer than two questions were asked of everybody, so there is no reliability to compute."
    ),
    Remark.NO_SPREAD: _(
        "All learners have the same score, or there is only one; reliability needs differences."
    ),
    Remark.NEGATIVE: _(
        "The reliability is negative: the questions do not measure one thing, or a key is wrong. It has no standard error."
    ),
    Remark.FEW_LEARNERS: _(
        "Fewer than %(count)d learners: the reliability may come out quite different next time."
    ),
}
