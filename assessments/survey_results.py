"""Figures of surveys for their readers, set-based: one query for the sheets of however many classes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from courses.models import Run, RunTrainer
from lms.core.spreadsheets import Sheet, write_workbook
from lms.core.templatetags.ui import day

from .models import SurveyResponse, SurveyRun
from .models.surveys import shown
from .survey_figures import Figure, SurveyFigures, figures_of, pooled, texts_of

# By ``survey_figures.band``: words, and the tone of the badge.
BANDS = [
    (gettext_lazy("80 points and more"), "success"),
    (gettext_lazy("70 to under 80 points"), "info"),
    (gettext_lazy("50 to under 70 points"), "warning"),
    (gettext_lazy("under 50 points"), "danger"),
]


@dataclass(frozen=True)
class Point:
    """One class in the index over time."""

    opening: SurveyRun
    figure: Figure


@dataclass(frozen=True)
class TrainerFigure:
    """All shown figures of the classes a person teaches, pooled; ``classes`` is how many those are."""

    person: Any
    classes: int
    figure: Figure


def sheets_of(openings: Iterable[SurveyRun]) -> dict[int, list[dict]]:
    """The answers by opening. One query."""
    found: dict[int, list[dict]] = defaultdict(list)
    rows = SurveyResponse.objects.filter(survey_run__in=[opening.pk for opening in openings])
    for opening_id, answers in rows.values_list("survey_run_id", "answers"):
        found[opening_id].append(answers)
    return found


def results_of(opening: SurveyRun) -> SurveyFigures:
    sheets = sheets_of([opening])[opening.pk]
    return figures_of(opening.items, sheets, hides_small=opening.is_anonymous)


def free_texts_of(opening: SurveyRun) -> list[tuple[dict, list[str]]]:
    return texts_of(opening.items, sheets_of([opening])[opening.pk], hides_small=opening.is_anonymous)


def _closed(openings: QuerySet[SurveyRun], *, now: datetime) -> list[SurveyRun]:
    rows = openings.select_related("survey", "run")
    return sorted((row for row in rows if row.is_closed(now=now)), key=lambda row: (last_day_of(row), row.pk))


def last_day_of(opening: SurveyRun) -> date:
    """The day the last answer could come."""
    if opening.closed_at is None:
        return opening.closes_on
    return min(opening.closes_on, timezone.localdate(opening.closed_at))


def _overall(openings: Sequence[SurveyRun]) -> dict[int, Figure]:
    sheets = sheets_of(openings)
    return {
        row.pk: figures_of(row.items, sheets[row.pk], hides_small=row.is_anonymous).figure for row in openings
    }


def index_over_time(opening: SurveyRun, runs: QuerySet[Run], *, now: datetime) -> list[Point]:
    """The same survey in the closed classes of the same course among ``runs``, by the day each closed. Two queries."""
    same = SurveyRun.objects.filter(
        survey=opening.survey_id, run__course=opening.run.course_id, run__in=runs.order_by().values("pk")
    )
    closed = _closed(same, now=now)
    figures = _overall(closed)
    return [Point(row, figures[row.pk]) for row in closed]


def figures_by_trainer(opening: SurveyRun, people: Sequence, *, now: datetime) -> list[TrainerFigure]:
    """Each of the people over every closed class they teach that was asked the same survey.

    Only figures that are shown by themselves are pooled, so none can be had by subtraction. Three queries.
    """
    if not people:
        return []
    taught = SurveyRun.objects.filter(survey=opening.survey_id, run__trainer_links__person__in=people)
    closed = _closed(taught.distinct(), now=now)
    figures = _overall(closed)
    links = defaultdict(set)
    for run_id, person_id in RunTrainer.objects.filter(
        person__in=people, run__in=[row.run_id for row in closed]
    ).values_list("run_id", "person_id"):
        links[person_id].add(run_id)
    found = []
    for person in people:
        own = [figures[row.pk] for row in closed if row.run_id in links[person.pk]]
        told = [figure for figure in own if figure.mean is not None]
        found.append(TrainerFigure(person, len(told), pooled(own)))
    return found


def workbook_of(opening: SurveyRun, results: SurveyFigures, *, asked: int) -> bytes:
    """Figures by indicator, how often each step was chosen, and free texts; in named surveys the sheets with names."""
    lines = [
        opening.display_title,
        opening.run.display_title,
        _("Answers: %(received)d of %(asked)d asked, %(invalid)d of them invalid")
        % {"received": results.received, "asked": asked, "invalid": results.invalid},
        _("As at %(day)s") % {"day": day(timezone.localdate())},
    ]
    sheets = [
        Sheet(
            name=_("Figures"),
            title_lines=lines,
            headings=[_("No."), _("Indicator"), _("Answers"), _("Points of 100"), _("Band")],
            rows=_figure_rows(results),
            widths=[8, 80, 12, 14, 26],
        ),
        Sheet(
            name=_("Steps chosen"),
            title_lines=lines,
            headings=[_("No."), _("Indicator"), *range(1, 11)],
            rows=[
                [row.item["number"], shown(row.item, "text"), *row.spread]
                for group in results.groups
                for row in group.indicators
                if not row.figure.hidden
            ],
            widths=[8, 80, *[8] * 10],
        ),
        Sheet(
            name=_("Remarks"),
            title_lines=lines,
            headings=[_("No."), _("Question"), _("Remark")],
            rows=[
                [item["number"], shown(item, "text"), text]
                for item, texts in free_texts_of(opening)
                for text in texts
            ],
            widths=[8, 50, 90],
        ),
    ]
    if not opening.is_anonymous:
        sheets.append(_named_sheet(opening, lines))
    return write_workbook(sheets)


def band_words(figure: Figure) -> str:
    if figure.hidden:
        return _("fewer than 5 answers")
    return "" if figure.band is None else str(BANDS[figure.band][0])


def _cells(figure: Figure) -> list[Any]:
    if figure.mean is None:
        return [None, None, band_words(figure)]
    return [figure.count, round(float(figure.mean), 1), band_words(figure)]


def _figure_rows(results: SurveyFigures) -> Iterable[list[Any]]:
    for group in results.groups:
        if heading := shown(group.item, "heading"):
            yield [None, heading, *_cells(group.figure)]
        for row in group.indicators:
            yield [row.item["number"], shown(row.item, "text"), *_cells(row.figure)]
    yield [None, _("Whole survey"), *_cells(results.figure)]


def _named_sheet(opening: SurveyRun, lines: list[str]) -> Sheet:
    rows = (
        opening.responses.exclude(participation=None)
        .select_related("participation__person")
        .order_by("participation__person__name_key", "pk")
    )
    return Sheet(
        name=_("Answers by person"),
        title_lines=lines,
        headings=[
            _("Full name"),
            _("Answered on"),
            pgettext("survey", "Valid"),
            *(item["number"] for item in opening.items),
        ],
        rows=[
            [
                row.participation.person.get_full_name(),
                row.participation.answered_on,
                _("yes") if row.is_valid else _("no"),
                *(row.answers.get(str(item["number"])) for item in opening.items),
            ]
            for row in rows
        ],
        widths=[28, 14, 10, *[12] * len(opening.items)],
    )
