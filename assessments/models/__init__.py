"""Question banks, quizzes, attempts, surveys and polls."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionTag, QuestionVersion, TaggedQuestion
from .corrections import KeyCorrection
from .marking import Marking
from .polls import Poll, PollVote
from .printed import PrintedPaper
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
    "KeyCorrection",
    "Marking",
    "Poll",
    "PollVote",
    "PrintedPaper",
    "Question",
    "QuestionCategory",
    "QuestionChoice",
    "QuestionTag",
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
    "TaggedQuestion",
]
