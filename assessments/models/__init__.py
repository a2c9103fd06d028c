"""Question banks, quizzes and attempts."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionVersion
from .conduct import Accommodation, ExamMessage
from .quizzes import Quiz, QuizDraw
from .signals import AttemptSignal, SignalNote

__all__ = [
    "Accommodation",
    "Attempt",
    "AttemptQuestion",
    "AttemptSignal",
    "ExamMessage",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "SignalNote",
]
