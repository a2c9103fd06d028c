"""Question banks, quizzes, attempts, surveys and polls."""

from .attempts import Attempt, AttemptQuestion
from .banks import Question, QuestionCategory, QuestionChoice, QuestionTag, QuestionVersion, TaggedQuestion
from .conduct import Accommodation, ExamMessage
from .corrections import KeyCorrection
from .files import AnswerFile
from .marking import Marking
from .media import MediaFile, QuestionMedia
from .polls import Poll, PollVote
from .printed import PrintedPaper
from .quizzes import Quiz, QuizDraw
from .signals import AttemptSignal, SignalNote
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
    "Accommodation",
    "AnswerFile",
    "MediaFile",
    "QuestionMedia",
    "Attempt",
    "AttemptQuestion",
    "AttemptSignal",
    "ExamMessage",
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
    "SignalNote",
    "Survey",
    "SurveyIndicator",
    "SurveyParticipation",
    "SurveyReminder",
    "SurveyResponse",
    "SurveyRun",
    "TaggedQuestion",
]
