"""Polls: one question to a class, live, joined by a short code."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record


class Poll(Record):
    """A question with its choices. ``choices`` = [{"id", "text"}].

    draft → open ⇄ closed. Where it names a lesson it stands there as well, for the learners of its run. Results are on the
    trainers' page at all times, on the voters' when ``shows_results``.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="polls")
    lesson = models.ForeignKey(
        "courses.LessonPage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="polls",
        verbose_name=_("lesson"),
    )
    question = models.CharField(_("question"), max_length=300)
    choices = models.JSONField()
    join_code = models.CharField(_("code to join"), max_length=8, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    shows_results = models.BooleanField(_("voters see the results"), default=False)
    is_anonymous = models.BooleanField(_("anonymous"), default=True)
    allows_guests = models.BooleanField(_("without an account as well"), default=False)
    allows_change = models.BooleanField(_("a vote may be changed until the poll is closed"), default=True)

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.question[:100]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class PollVote(Record):
    """One vote. ``voter_key`` is a keyed hash of who votes in this poll, of an account or of a guest's browser.

    ``person`` is set in named polls, for who has an account. No time is kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="votes")
    voter_key = models.CharField(max_length=64)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="poll_votes"
    )
    choice = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "voter_key"], name="one_vote_per_poll_and_voter"),
            models.CheckConstraint(condition=~Q(choice=""), name="vote_has_a_choice"),
        ]

    def __str__(self) -> str:
        return str(self.poll)
