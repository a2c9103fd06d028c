"""The reason somebody has to give."""

from lms.core.vietnamese import nfc

from .errors import ReasonMissing


def required_reason(reason: str) -> str:
    """As it is kept, 300 letters at most. Raises ReasonMissing."""
    reason = nfc(reason).strip()[:300]
    if not reason:
        raise ReasonMissing
    return reason
