"""The blocks pages are written in."""

from .anchors import Section, sections, with_anchors
from .content import CheckQuestionBlock, ContentBlocks, LessonBlocks

__all__ = ["CheckQuestionBlock", "ContentBlocks", "LessonBlocks", "Section", "sections", "with_anchors"]
