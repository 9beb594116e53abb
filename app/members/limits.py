"""How often a guest may knock (promise D16). Counted per account and network together, so that nobody can lock out
another; and per account for all networks together, generously."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.kit.limits import Limit, hit

_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

LIMITS: dict[str, Limit] = {
    # Only wrong passwords are counted here.
    "sign_in_here": Limit("sign in, account and network", 5, _QUARTER),
    "sign_in_network": Limit("sign in, network", 30, _QUARTER),
    "sign_in_account": Limit("sign in, account", 100, _DAY),
    "password_change": Limit("password change, member", 5, _QUARTER),
    "sign_up_network": Limit("sign up, network", 5, _HOUR),
    "sign_up_address": Limit("sign up, address", 3, _HOUR),
    "link_network": Limit("mail link, network", 10, _HOUR),
    "link_address": Limit("mail link, address", 3, _HOUR),
}


class _Right(Exception):
    """What was tried is right, so it does not count."""


def is_right(db: Session, knocks: Sequence[tuple[str, object]], check: Callable[[], bool], now: datetime) -> bool:
    """Whether the check is passed; if not, it counts towards each of the limits named.

    Raises `TooMany` before the check is done when there were too many wrong ones.
    """
    try:
        with db.begin_nested():
            for name, whom in knocks:
                hit(db, LIMITS[name], whom, now)
            if check():
                raise _Right  # undoes the counting only
    except _Right:
        return True
    return False
