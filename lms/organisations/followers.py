"""What goes along when people change units. Upper rooms say here what of theirs follows; this room knows none of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Follower:
    """``follow(person_ids, actor, now)`` brings records in step with where these people sit now, in a constant number of
    statements per thousand, and gives a JSON value for each record moved; ``people`` None is everybody.
    ``undo(moved, actor, now)`` takes such values back. Both run in the caller's transaction; a second follow moves nothing.
    """

    label: str  # what the records are called in a preview, translated lazily
    follow: Callable[..., list[Any]]
    undo: Callable[..., None]


_followers: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    _followers[name] = follower


def follower_label(name: str) -> str:
    return str(_followers[name].label)


def people_moved(person_ids: Iterable[int] | None, *, actor, now: datetime) -> dict[str, list[Any]]:
    """Let every record that follows people follow these; gives what moved, by follower, for ``undo_moves``."""
    ids = None if person_ids is None else list(person_ids)
    return {name: follower.follow(ids, actor=actor, now=now) for name, follower in sorted(_followers.items())}


def undo_moves(moved: dict[str, list[Any]], *, actor, now: datetime) -> None:
    for name, values in moved.items():
        _followers[name].undo(values, actor=actor, now=now)
