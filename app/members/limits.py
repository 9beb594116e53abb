"""How often a guest may knock (promise D16). Counted per account and network together, so that nobody can lock out
another; and per account for all networks together, generously."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.kit.db import Database
from app.kit.limits import Limit, hit, take_back

_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

LIMITS: dict[str, Limit] = {
    # Only wrong passwords are counted here.
    "sign_in_here": Limit("sign in, account and network", 5, _QUARTER),
    "sign_in_network": Limit("sign in, network", 30, _QUARTER),
    "sign_in_account": Limit("sign in, account", 100, _DAY),
    "confirm_password": Limit("confirming, account", 5, _QUARTER),
    "password_change": Limit("password change, member", 5, _QUARTER),
    "sign_up_network": Limit("sign up, network", 5, _HOUR),
    "sign_up_address": Limit("sign up, address", 3, _HOUR),
    "link_network": Limit("mail link, network", 10, _HOUR),
    "link_here": Limit("mail link, address and network", 3, _HOUR),
    "link_address": Limit("mail link, address", 6, _HOUR),
}


def is_right(
    database: Database, knocks: Sequence[tuple[str, object]], check: Callable[[], bool], now: datetime
) -> bool:
    """Whether the check is passed; if not, it counts towards each of the limits named.

    Raises `TooMany` before the check is done when there were too many wrong ones. Counting comes first, so that a
    hundred guesses at the same moment are a hundred; a right one is taken back. No transaction is open during the
    check: it is slow, and nobody should wait for it.
    """
    with database.writing() as db:
        for name, whom in knocks:
            hit(db, LIMITS[name], whom, now)
    if not check():
        return False
    with database.writing() as db:
        for name, whom in knocks:
            take_back(db, LIMITS[name], whom, now)
    return True
