"""What the services of enrolment and study refuse, in words for the person who asked."""

from django.utils.translation import gettext_lazy as _

from lms.core.errors import DomainError


class EnrolmentClosed(DomainError):
    message = _("This class does not take enrolments now.")


class RunFull(DomainError):
    message = _("All places of this class are taken.")


class AlreadyEnrolled(DomainError):
    message = _("This person is already on the list of the class.")


class NotPosted(DomainError):
    message = _(
        "This person has no unit on record for that day. Ask the training department to enter the posting first."
    )


class EnrolmentMoved(DomainError):
    """The enrolment is no longer in a state from which the step can be taken."""

    message = _("The enrolment has changed in the meantime. Load the page again to see how it stands.")


class ReasonMissing(DomainError):
    message = _("Give the reason.")


class NotStudying(DomainError):
    message = _("This class cannot be studied now.")


class LessonElsewhere(DomainError):
    message = _("The lesson does not belong to this course.")


class TrainingAlreadyEntered(DomainError):
    message = _("This course is already on the record of the official for that day.")


class TrainingInFuture(DomainError):
    message = _("The course has not ended yet. Enter it when the certificate is there.")


class TrainingDecided(DomainError):
    """Somebody decided, or took it back, in the meantime."""

    message = _("This entry has changed in the meantime. Load the page again to see how it stands.")


class OwnTraining(DomainError):
    message = _("Nobody decides on an entry of the own training. Ask another administrator.")
