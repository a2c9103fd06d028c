"""Question banks, quizzes, attempts, surveys and polls."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionVersion
from .polls import Poll, PollVote
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
    "Poll",
    "PollVote",
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
