"""Days and hours of the demo world. No Django here."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

VIETNAM = timezone(timedelta(hours=7))
MORNING, EVENING = 8, 17


def day_of(value: date | int, *, today: date) -> date:
    """A day as ``runs.yaml`` has it: itself, or so many days from today."""
    return today + timedelta(days=value) if isinstance(value, int) else value


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of a day in Vietnam, in UTC."""
    return datetime.combine(day, time(hour, minute), VIETNAM).astimezone(UTC)


def working_days(first: date, last: date) -> list[date]:
    """Mondays to Fridays from the first to the last day; the first day itself when there is none."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5] or [first]


def moments(count: int, *, days: list[date], of: int, random: Random) -> list[datetime]:
    """The times of the first ``count`` of ``of`` steps spread evenly over the hours of work on these days, in order."""
    found = []
    hours = len(days) * (EVENING - MORNING)
    for step in range(count):
        where = (step + random.uniform(0.1, 0.8)) * hours / of
        day, hour = divmod(where, EVENING - MORNING)
        found.append(at(days[int(day)], MORNING) + timedelta(hours=hour))
    return found
