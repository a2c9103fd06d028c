"""Writes to units, postings and role grants."""

from .errors import (
    AlreadyEnded,
    CannotUndo,
    EndBeforeBeginning,
    MovesIntoItself,
    NothingChanges,
    NotInThisUnit,
    PostedLater,
    PostingNotLater,
    RoleAlreadyHeld,
    TooManyChildren,
    UnitNotStanding,
    VersionNotLater,
)
from .postings import end_posting, follow_postings, post_official
from .previews import Preview, preview_change
from .reorganisations import (
    Decision,
    NewUnit,
    dissolve_unit,
    found_unit,
    merge_units,
    move_unit,
    rename_unit,
    split_unit,
    transfer_part,
)
from .roles import end_role, grant_role, sync_role_groups
from .undoing import keep_scan, undo_event
from .units import create_unit

__all__ = [
    "AlreadyEnded",
    "CannotUndo",
    "Decision",
    "EndBeforeBeginning",
    "MovesIntoItself",
    "NewUnit",
    "NothingChanges",
    "NotInThisUnit",
    "PostedLater",
    "PostingNotLater",
    "Preview",
    "RoleAlreadyHeld",
    "TooManyChildren",
    "UnitNotStanding",
    "VersionNotLater",
    "create_unit",
    "dissolve_unit",
    "end_posting",
    "end_role",
    "follow_postings",
    "found_unit",
    "grant_role",
    "keep_scan",
    "merge_units",
    "move_unit",
    "post_official",
    "preview_change",
    "rename_unit",
    "split_unit",
    "sync_role_groups",
    "transfer_part",
    "undo_event",
]
