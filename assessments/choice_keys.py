"""Which questions are answered by taking choices from a list, and which of the choices are right."""

from typing import Any

from .item_figures import Choices
from .models import KeyCorrection


def choices_of(content: dict[str, Any], correction: KeyCorrection | None = None) -> Choices | None:
    """The choices of a question that is answered by taking some of them; None where it is answered otherwise.

    Told by what is stored, so that a kind added later needs no entry here: the key is some of the choices, not all.
    Right is what the correction in force says.
    """
    ids = [choice["id"] for choice in content.get("choices") or () if isinstance(choice, dict)]
    key = content["key"] if isinstance(content["key"], list) else []
    right = {choice for choice in key if isinstance(choice, str)}
    if len(right) != len(key) or not right or not right < set(ids):
        return None
    in_force = correction.key_of(content) if correction else right
    return Choices(ids=tuple(ids), right=frozenset(in_force))
