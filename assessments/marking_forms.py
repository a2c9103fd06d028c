"""Forms of the marking pages."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courses.models import Run

from .marking_queue import ShownAnswer, still_waiting
from .models import AttemptQuestion, Marking, Question, Quiz
from .models.marking import to_be_marked
from .services.marking import MarkInvalid, decide_mark, mark_answer
from .templatetags.marks import points


class QueueFilter(forms.Form):
    """Narrows the queue; an unknown value narrows nothing."""

    STATES = [
        ("", gettext_lazy("all")),
        ("waiting", gettext_lazy("waiting for my mark")),
        ("differs", gettext_lazy("markers differ")),
        ("marked", pgettext_lazy("marking", "marked")),
    ]
    ORDERS = [("", gettext_lazy("question by question")), ("paper", gettext_lazy("paper by paper"))]

    quiz = forms.ChoiceField(label=gettext_lazy("Quiz"), required=False)
    question = forms.ModelChoiceField(
        Question.objects.none(),
        label=gettext_lazy("Question"),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=STATES, required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), choices=ORDERS, required=False)

    def __init__(self, *args, quizzes: Iterable[Quiz], run: Run, quiz: Quiz, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked_of = quiz
        self.fields["quiz"].choices = [(other.pk, other.display_title) for other in quizzes]
        asked = to_be_marked(quiz_id=quiz.pk, run_id=run.pk).order_by().values("version__question")
        self.fields["question"].queryset = Question.objects.filter(pk__in=asked)

    @property
    def kept(self) -> dict[str, str]:
        """What an answer's page has to bring back."""
        return {name: value for name in ("question", "state", "order") if (value := self.data.get(name))}

    def narrow(self, rows):
        """``rows`` come from ``queue_of``."""
        if not self.is_valid():
            return rows
        if question := self.cleaned_data["question"]:
            rows = rows.filter(version__question=question)
        if self.cleaned_data["order"] == "paper":
            rows = rows.order_by("attempt__public_id", "position")
        match self.cleaned_data["state"]:
            case "waiting":
                return still_waiting(rows, self.asked_of)
            case "differs":
                return rows.filter(mark__isnull=True, given__gte=self.asked_of.markers)
            case "marked":
                return rows.filter(mark__isnull=False)
        return rows


class MarkForm(forms.Form):
    """A mark, or the points of each criterion of the rubric; ``decides`` when two markers differ."""

    def __init__(self, *args, row: AttemptQuestion, shown: ShownAnswer, decides: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.row, self.decides = row, decides
        standing: Marking | None = (
            next((one for one in shown.markings if one.decides), None) if decides else shown.own
        )
        self.rubric = shown.rubric
        for criterion in self.rubric:
            self.fields[f"points-{criterion['id']}"] = _points_field(
                label=criterion["text"],
                most=criterion["points"],
                initial=standing and standing.points.get(criterion["id"]),
            )
        if not self.rubric:
            self.fields["mark"] = _points_field(
                label=_("Mark"), most=row.max_mark, initial=standing and standing.mark
            )
        self.fields["comment"] = forms.CharField(
            label=_("Why this mark") if decides else _("Comment to the learner"),
            help_text="" if decides else _("Read by the learner when the marks are released."),
            required=decides,
            initial=standing.comment if standing else "",
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def save(self, *, actor, now: datetime) -> Marking:
        """Raises what the services raise."""
        asked: dict[str, Any] = {"comment": self.cleaned_data["comment"]}
        if self.rubric:
            asked["points"] = {
                criterion["id"]: self.cleaned_data[f"points-{criterion['id']}"] for criterion in self.rubric
            }
        else:
            asked["mark"] = self.cleaned_data["mark"]
        give = decide_mark if self.decides else mark_answer
        return give(row=self.row, actor=actor, now=now, **asked)

    def complain(self, fault: MarkInvalid) -> None:
        place = fault.place if fault.place in self.fields else f"points-{fault.place}"
        self.add_error(place, str(fault.message))


def _points_field(*, label: str, most, initial) -> forms.DecimalField:
    most = Decimal(most)
    return forms.DecimalField(
        label=label,
        help_text=_("0 to %(most)s") % {"most": points(most)},
        min_value=0,
        max_value=most,
        max_digits=7,
        decimal_places=2,
        localize=True,
        initial=initial,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
