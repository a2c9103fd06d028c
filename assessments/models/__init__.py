"""Question banks, quizzes and attempts."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionTag, QuestionVersion, TaggedQuestion
from .marking import Marking
from .quizzes import Quiz, QuizDraw

__all__ = [
    "Attempt",
    "AttemptQuestion",
    "Marking",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionTag",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "TaggedQuestion",
]
