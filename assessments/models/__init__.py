"""Question banks, quizzes and attempts."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionVersion
from .marking import Marking
from .quizzes import Quiz, QuizDraw

__all__ = [
    "Attempt",
    "AttemptQuestion",
    "Marking",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
]
