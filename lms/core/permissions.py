"""Who follows background work: whoever asked for it, and whom the rooms above name as overseers."""

from collections.abc import Callable

from .models import Job

_overseers: list[Callable[[object], bool]] = []


def register_job_overseer(predicate: Callable[[object], bool]) -> None:
    """``predicate(user)`` says whether a signed-in person sees every job."""
    if predicate not in _overseers:
        _overseers.append(predicate)


def oversees_jobs(user) -> bool:
    return user.is_authenticated and any(predicate(user) for predicate in _overseers)


def may_follow(user, job: Job) -> bool:
    return user.is_authenticated and (job.requested_by_id == user.pk or oversees_jobs(user))
