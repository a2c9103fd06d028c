"""Courses, their modules and lessons from ``fixtures/programme/``.

``courses.yaml`` says which modules a course is made of; a module may stand in several courses. The Vietnamese pages
hold the text; their English translations hold titles and summaries and show the Vietnamese body where there is none.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from courses.models import CatalogPage, CoursePage, CourseTrainer, LessonPage, ModulePage
from lms.users.models import User

from ..markdown import ContentError, Document, html, read_document, to_blocks
from .pages import FigureShelf, add_translated, stream


@dataclass(frozen=True)
class ModuleSource:
    """A module's folder, read: its ``module.yaml``, its lessons in order and its ``questions.yaml``."""

    folder: Path
    meta: dict[str, Any]
    lessons: list[Document]
    questions: dict[str, Any]

    @property
    def code(self) -> str:
        return self.meta["code"]


def read_yaml(path: Path) -> dict[str, Any]:
    """Raises ContentError with the line."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ContentError(path, mark.line + 1 if mark else 1, str(error)) from error


def read_module(folder: Path) -> ModuleSource:
    return ModuleSource(
        folder=folder,
        meta=read_yaml(folder / "module.yaml"),
        lessons=[read_document(path) for path in sorted(folder.glob("[0-9][0-9]-*.md"))],
        questions=read_yaml(folder / "questions.yaml"),
    )


def read_courses(folder: Path) -> list[dict[str, Any]]:
    return read_yaml(folder / "courses.yaml")["courses"]


def read_modules(folder: Path) -> dict[str, ModuleSource]:
    """All modules by code."""
    modules = (read_module(path.parent) for path in sorted(folder.glob("*/module.yaml")))
    return {module.code: module for module in modules}


def load_courses(
    folder: Path,
    sources: dict[str, ModuleSource],
    *,
    catalogs: dict[str, CatalogPage],
    people: dict[str, User],
) -> dict[tuple[str, str], ModulePage]:
    """All courses; gives the Vietnamese module pages by (course code, module code)."""
    found: dict[tuple[str, str], ModulePage] = {}
    for meta in read_courses(folder):
        with transaction.atomic():
            course = _load_course(folder, meta, catalogs, people)
            for code in meta["modules"]:
                found[meta["code"], code] = _load_module(sources[code], course)
    return found


def bullets(lines: list[str]) -> str:
    return html("\n".join(f"- {line}" for line in lines))


def _load_course(
    folder: Path, meta: dict[str, Any], catalogs: dict[str, CatalogPage], people: dict[str, User]
) -> dict[str, CoursePage]:
    # A course made of one module may take over its outcomes.
    outcomes = meta if "outcomes" in meta else read_yaml(folder / meta["modules"][0] / "module.yaml")
    image = folder / meta["image"]
    pages = add_translated(
        catalogs,
        CoursePage,
        slug=meta["slug"],
        vi={
            "title": meta["title"],
            "code": meta["code"],
            "topic": meta["topic"],
            "periods": Decimal(str(meta["tiet"])),
            "summary": meta["summary"],
            "audience": meta["audience"],
            "format_note": meta["format_note"],
            "introduction": html(meta["introduction"]),
            "outcomes": bullets(outcomes["outcomes"]),
            "completion_rule": html(meta["completion_rule"]),
            "image_id": FigureShelf(image.parent)(image.name, meta["image_alt"], meta["title"]),
        },
        en={
            "title": meta["title_en"],
            "summary": meta["summary_en"],
            "audience": meta["audience_en"],
            "format_note": meta["format_note_en"],
            "introduction": html(meta["introduction_en"]),
            "outcomes": bullets(outcomes["outcomes_en"]),
            "completion_rule": html(meta["completion_rule_en"]),
        },
    )
    for page in pages.values():
        if not page.trainer_links.exists():
            CourseTrainer.objects.bulk_create(
                CourseTrainer(course=page, person=people[code], sort_order=order)
                for order, code in enumerate(meta["trainers"])
            )
    return pages


def _load_module(source: ModuleSource, course: dict[str, CoursePage]) -> ModulePage:
    meta, figures = source.meta, FigureShelf(source.folder / "figures")
    pages = add_translated(
        course,
        ModulePage,
        slug=meta["slug"],
        vi={
            "title": meta["title"],
            "code": meta["code"],
            "periods": Decimal(str(meta["tiet"])),
            "summary": meta["summary"],
            "outcomes": bullets(meta["outcomes"]),
        },
        en={
            "title": meta["title_en"],
            "summary": meta["summary_en"],
            "outcomes": bullets(meta["outcomes_en"]),
        },
    )
    for document in source.lessons:
        lesson = document.meta
        add_translated(
            pages,
            LessonPage,
            slug=lesson["slug"],
            vi={
                "title": lesson["title"],
                "periods": Decimal(str(lesson["tiet"])),
                "minutes": lesson["minutes"],
                "summary": lesson["summary"],
                "body": stream(to_blocks(document, figures)),
            },
            en={"title": lesson["title_en"], "summary": lesson["summary_en"], "body": stream([])},
        )
    return pages["vi"]
