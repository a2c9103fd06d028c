"""What this room holds that points to people."""

from lms.users.holdings import Fate, Holding, register_holdings


def register() -> None:
    register_holdings(Holding("reporting.ApiToken.created_by", Fate.OF_OTHERS))
