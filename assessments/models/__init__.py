"""Question banks, quizzes and attempts."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionVersion
from .corrections import KeyCorrection
from .quizzes import Quiz, QuizDraw

__all__ = [
    "Attempt",
    "AttemptQuestion",
    "KeyCorrection",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
]
