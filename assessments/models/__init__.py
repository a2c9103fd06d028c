"""Question banks, quizzes, attempts and surveys."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionVersion
from .quizzes import Quiz, QuizDraw
from .surveys import (
    Respondents,
    Survey,
    SurveyIndicator,
    SurveyParticipation,
    SurveyReminder,
    SurveyResponse,
    SurveyRun,
)

__all__ = [
    "Attempt",
    "AttemptQuestion",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionVersion",
    "Quiz",
    "QuizDraw",
    "Respondents",
    "Survey",
    "SurveyIndicator",
    "SurveyParticipation",
    "SurveyReminder",
    "SurveyResponse",
    "SurveyRun",
]
