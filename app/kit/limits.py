"""How often something may be done: counters in the database, so that they survive a restart (promise D16).

A counter stands for one key and one window of time. It is raised inside the request's own transaction; a request that
goes over is refused and so raises nothing, one that merely fails (a wrong password) is answered and does count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from sqlalchemy import String, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.db import Base, UtcDateTime
from app.kit.errors import TooMany


class Counter(Base):
    """How often one key was used in one window. The key is hashed: no address or name stands here."""

    __tablename__ = "counters"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True)
class Limit:
    """At most `most` times in each window of `per`, for one `name`."""

    name: str
    most: int
    per: timedelta


def hit(db: Session, limit: Limit, whom: object, now: datetime) -> None:
    """Count one use by whoever it is (an account's id, a network); raises `TooMany` with the seconds to wait."""
    key, ends = _window(limit, whom, now)
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = insert(Counter).values(key=key, window_ends_at=ends, count=1)
    raised = added.on_conflict_do_update(
        index_elements=[Counter.key, Counter.window_ends_at], set_={"count": Counter.count + 1}
    )
    count = db.execute(raised.returning(Counter.count)).scalar_one()
    settings = db.info.get("settings")
    if count > limit.most * (settings.limits_factor if settings is not None else 1):
        raise TooMany(int((ends - now).total_seconds()) + 1)


def take_back(db: Session, limit: Limit, whom: object, now: datetime) -> None:
    """Undo one `hit` of the same moment: it turned out not to count."""
    key, ends = _window(limit, whom, now)
    this = Counter.key == key, Counter.window_ends_at == ends, Counter.count > 0
    db.execute(update(Counter).where(*this).values(count=Counter.count - 1))


def _window(limit: Limit, whom: object, now: datetime) -> tuple[str, datetime]:
    seconds = limit.per.total_seconds()
    ends = datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, tz=now.tzinfo)
    return sha256(f"{limit.name}:{whom}".encode()).hexdigest(), ends


def forget_old(db: Session, now: datetime) -> None:
    """Drop the windows that are over."""
    db.execute(delete(Counter).where(Counter.window_ends_at < now))


def network_of(address: str | None) -> str:
    """The network of an address, shortened to /24 or /56: all that we keep of where somebody is."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 56}", strict=False))
