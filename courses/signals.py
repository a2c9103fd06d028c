"""What this room announces to the rooms above it."""

from django.dispatch import Signal

# Sent once per enrolment, after the commit: sender Enrolment, enrolment, now.
enrolment_completed = Signal()
