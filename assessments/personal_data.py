"""What this room holds about a person, for its export and its erasure; see ``lms.users.holdings``.

Sittings hang on participations and are kept with them. Of surveys it holds who has answered; answers to anonymous ones are
held of nobody: there is no way from a person to them.
"""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.spreadsheets import Sheet
from lms.core.storage import private_storage
from lms.users.holdings import (
    Fate,
    HeldFile,
    Holding,
    Merge,
    Merged,
    register_files,
    register_holdings,
    register_redaction,
    register_sheets,
)

from .media_words import in_words
from .models import (
    Accommodation,
    AnswerFile,
    Attempt,
    AttemptQuestion,
    AttemptSignal,
    ExamMessage,
    PollVote,
    SignalNote,
    SurveyParticipation,
    SurveyReminder,
)
from .models.surveys import shown
from .scoring import MARKED
from .services.answer_files import remove_files


def _sheets(person) -> Iterable[Sheet]:
    attempts = Attempt.objects.filter(enrolment__learner=person).select_related("quiz").order_by("pk")
    yield Sheet(
        name=_("Quizzes sat"),
        headings=[
            _("Quiz"),
            _("Attempt"),
            _("State"),
            _("Begun at"),
            _("Handed in"),
            _("Score"),
            _("Maximum"),
            _("Passed"),
        ],
        rows=[
            [
                str(attempt.quiz),
                attempt.number,
                attempt.get_state_display(),
                attempt.started_at,
                attempt.submitted_at,
                attempt.score,
                attempt.max_score,
                {True: _("yes"), False: _("no"), None: ""}[attempt.passed],
            ]
            for attempt in attempts
        ],
        widths=[50, 10, 16, 18, 18, 10, 10, 10],
    )
    answered = list(
        SurveyParticipation.objects.filter(person=person)
        .select_related("survey_run__run", "response")
        .order_by("answered_on", "pk")
    )
    yield Sheet(
        name=_("Surveys answered"),
        headings=[_("Survey"), _("Class"), _("Answered on"), _("Question"), _("Answer")],
        rows=[row for participation in answered for row in _answers(participation)],
        widths=[50, 40, 14, 60, 60],
    )
    yield _votes(person)
    yield _essays(person)
    yield from _conduct_sheets(person)


def _conduct_sheets(person) -> Iterable[Sheet]:
    """What was granted, told, noticed and noted of the person's sittings."""
    granted = Accommodation.objects.filter(enrolment__learner=person).select_related("quiz").order_by("pk")
    yield Sheet(
        name=_("Extra time and attempts"),
        headings=[
            _("Quiz"),
            _("Extra minutes"),
            _("Extra attempts"),
            _("Reason"),
            _("Granted at"),
            _("Withdrawn at"),
        ],
        rows=[
            [
                str(row.quiz),
                row.extra_minutes,
                row.extra_attempts,
                row.reason,
                row.granted_at,
                row.withdrawn_at,
            ]
            for row in granted
        ],
        widths=[50, 12, 12, 40, 18, 18],
    )
    told = (
        ExamMessage.objects.filter(attempt__enrolment__learner=person).select_related("quiz").order_by("pk")
    )
    yield Sheet(
        name=_("Messages in exams"),
        headings=[_("Quiz"), _("Message"), _("Sent at")],
        rows=[[str(row.quiz), row.text, row.sent_at] for row in told],
        widths=[50, 60, 18],
    )
    signals = AttemptSignal.objects.filter(attempt__enrolment__learner=person).select_related("attempt__quiz")
    yield Sheet(
        name=_("Signals in exams"),
        headings=[_("Quiz"), _("Attempt"), _("Signal"), _("Time"), _("Detail")],
        rows=[
            [
                str(row.attempt.quiz),
                row.attempt.number,
                row.get_kind_display(),
                row.at,
                ", ".join(f"{name}: {value}" for name, value in row.detail.items()),
            ]
            for row in signals.order_by("pk")
        ],
        widths=[50, 10, 24, 18, 40],
    )
    notes = SignalNote.objects.filter(attempt__enrolment__learner=person).select_related("attempt__quiz")
    yield Sheet(
        name=_("Notes on signals"),
        headings=[_("Quiz"), _("Attempt"), _("Note"), _("Time")],
        rows=[
            [str(row.attempt.quiz), row.attempt.number, row.text, row.noted_at]
            for row in notes.order_by("pk")
        ],
        widths=[50, 10, 60, 18],
    )


def _votes(person) -> Sheet:
    """Votes in polls with names; those in anonymous polls carry no name."""
    votes = PollVote.objects.filter(person=person).select_related("poll__run").order_by("poll", "pk")
    return Sheet(
        name=_("Votes"),
        headings=[_("Class"), _("Question"), _("Answer")],
        rows=[
            [
                vote.poll.run.display_title,
                vote.poll.question,
                next((row["text"] for row in vote.poll.choices if row["id"] == vote.choice), ""),
            ]
            for vote in votes
        ],
        widths=[40, 60, 40],
    )


def _answers(participation: SurveyParticipation) -> Iterable[list]:
    """One row per answer of a named survey; of an anonymous one a row that says that it was answered."""
    opening = participation.survey_run
    head = [opening.display_title, opening.run.display_title, participation.answered_on]
    if opening.is_anonymous or not hasattr(participation, "response"):
        yield [*head, _("anonymous"), ""]
        return
    for item in opening.items:
        yield [*head, shown(item, "text"), participation.response.answers.get(str(item["number"]), "")]


def _merge_participations(accounts: Merge) -> Merged:
    """Where both accounts have answered, one participation stays with the closed account: one person answers once."""
    rows = SurveyParticipation.objects.filter(person=accounts.closed)
    twice = SurveyParticipation.objects.filter(person=accounts.kept).values("survey_run")
    left = rows.filter(survey_run__in=twice).count()
    moved = rows.exclude(survey_run__in=list(twice.values_list("survey_run", flat=True)))
    return Merged(
        moved.update(person=accounts.kept), left, gettext_lazy("both accounts have answered the same survey")
    )


def _erase_answers(participations: QuerySet) -> None:
    """Remarks in named surveys may tell of the person; steps on scales stay as figures."""
    for participation in participations.select_related("survey_run", "response"):
        if hasattr(participation, "response"):
            answers = participation.response.answers
            kept = {key: value for key, value in answers.items() if isinstance(value, int)}
            participation.response.answers = kept
            participation.response.save(update_fields=["answers"])


def _merge_reminders(accounts: Merge) -> Merged:
    """When one was written to is of no use to the account that goes on."""
    return Merged(0, SurveyReminder.objects.filter(person=accounts.closed).count())


def _merge_votes(accounts: Merge) -> Merged:
    """Where both accounts voted, one vote stays with the closed account."""
    rows = PollVote.objects.filter(person=accounts.closed)
    twice = list(PollVote.objects.filter(person=accounts.kept).values_list("poll", flat=True))
    left = rows.filter(poll__in=twice).count()
    why = gettext_lazy("both accounts have voted in the same poll")
    return Merged(rows.exclude(poll__in=twice).update(person=accounts.kept), left, why)


def _essays(person) -> Sheet:
    written = (
        AttemptQuestion.objects.filter(attempt__enrolment__learner=person, version__kind__in=MARKED)
        .filter(answer__isnull=False)
        .select_related("attempt__quiz", "version")
        .prefetch_related("markings", "files")
        .order_by("attempt_id", "position")
    )
    return Sheet(
        name=_("Essays written"),
        headings=[_("Quiz"), _("Attempt"), _("Question"), _("Answer"), _("Mark"), _("Comment of the marker")],
        rows=[_essay_row(row) for row in written],
        widths=[50, 10, 50, 80, 10, 50],
    )


def _answer_files(person) -> Iterable[HeldFile]:
    for file in _files_of(person).order_by("pk"):
        ending = file.file.name.rpartition(".")[2]
        yield HeldFile(f"bai-nop/{file.pk}.{ending}", private_storage(), file.file.name)


def _files_of(person) -> QuerySet[AnswerFile]:
    return AnswerFile.objects.filter(row__attempt__enrolment__learner=person)


def _essay_row(row: AttemptQuestion) -> list:
    """Mark and comments only once they are released."""
    is_released = row.attempt.state == Attempt.State.GRADED
    comments = [marking.comment for marking in row.markings.all() if not marking.decides and marking.comment]
    return [
        str(row.attempt.quiz),
        row.attempt.number,
        in_words(row.version.content["stem"]),
        row.answer.get("text") or ", ".join(file.name for file in row.handed_in),
        row.mark if is_released else None,
        "\n".join(comments) if is_released else "",
    ]


EMPTIED = "–"  # a reason was given; which one is no longer known


def _empty_words(person) -> None:
    """Reasons may tell of somebody's health, notes of what was suspected; where one sat is an address. Results stay."""
    Accommodation.objects.filter(enrolment__learner=person).update(reason=EMPTIED, withdrawal_reason="")
    ExamMessage.objects.filter(attempt__enrolment__learner=person).update(text=EMPTIED)
    SignalNote.objects.filter(attempt__enrolment__learner=person).update(text=EMPTIED)
    AttemptSignal.objects.filter(attempt__enrolment__learner=person, kind=AttemptSignal.Kind.ADDRESS).update(
        detail={"from": EMPTIED, "to": EMPTIED}
    )
    # What is in a file nobody can empty: it goes, its mark stays.
    remove_files(list(_files_of(person).values_list("pk", flat=True)))
    sat = Attempt.objects.filter(enrolment__learner=person)
    sat.update(address="")
    sat.exclude(stop_reason="").update(stop_reason=EMPTIED)


def register() -> None:
    register_sheets(_sheets, order=30)
    register_files(_answer_files)
    register_redaction(_empty_words)
    register_holdings(
        Holding("assessments.KeyCorrection.corrected_by", Fate.OF_OTHERS),
        Holding("assessments.PrintedPaper.drawn_by", Fate.OF_OTHERS),
        Holding("assessments.Attempt.entered_by", Fate.OF_OTHERS),
        Holding("assessments.Marking.marker", Fate.OF_OTHERS),
        Holding(
            "assessments.SurveyParticipation.person",
            Fate.KEPT,
            gettext_lazy("Surveys answered (remarks in surveys with names are removed)"),
            redact=_erase_answers,
            merge=_merge_participations,
        ),
        Holding(
            "assessments.SurveyReminder.person",
            Fate.REMOVED,
            gettext_lazy("Reminders of surveys"),
            merge=_merge_reminders,
        ),
        Holding(
            "assessments.PollVote.person",
            Fate.KEPT,
            gettext_lazy("Votes in polls with names"),
            merge=_merge_votes,
        ),
        # Who supervised; what is said of the learner hangs on the participation.
        Holding("assessments.Accommodation.granted_by", Fate.OF_OTHERS),
        Holding("assessments.Accommodation.withdrawn_by", Fate.OF_OTHERS),
        Holding("assessments.ExamMessage.sent_by", Fate.OF_OTHERS),
        Holding("assessments.Attempt.stopped_by", Fate.OF_OTHERS),
        Holding("assessments.SignalNote.noted_by", Fate.OF_OTHERS),
    )
