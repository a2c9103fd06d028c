"""Question banks, quizzes and attempts."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionTag, QuestionVersion, TaggedQuestion
from .corrections import KeyCorrection
from .marking import Marking
from .printed import PrintedPaper
from .quizzes import Quiz, QuizDraw

__all__ = [
    "Attempt",
    "AttemptQuestion",
    "KeyCorrection",
    "Marking",
    "PrintedPaper",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionTag",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "TaggedQuestion",
]
