"""Which devices a member is signed in on: what they are called, the list, and ending them."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.errors import NotFound
from app.members.sessions import end_session
from app.members.tables import MemberSession

# The first that is found counts: Edge and Samsung's browser call themselves Chrome too, and Chrome also Safari.
_BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Opera", r"\b(OPR|Opera)/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/[\d.]+.*\bSafari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)


@dataclass(frozen=True)
class Device:
    """A device as its member sees it. An unknown browser or system is empty."""

    public_id: str
    browser: str
    system: str
    since: datetime
    last_seen_at: datetime
    is_this_one: bool


def device_words(user_agent: str) -> str:
    """`Firefox/Windows`: all that we keep of what a browser says of itself."""
    agent = user_agent[:400]
    return f"{_first(_BROWSERS, agent)}/{_first(_SYSTEMS, agent)}"


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")


def list_devices(db: Session, member_id: int, session_id: int | None, now: datetime) -> list[Device]:
    """The devices that are signed in, this one first, then the last used."""
    rows = db.scalars(
        select(MemberSession)
        .where(MemberSession.member_id == member_id, MemberSession.expires_at > now)
        .order_by(MemberSession.last_seen_at.desc(), MemberSession.id.desc())
    )
    devices = []
    for row in rows:
        browser, _, system = row.device.partition("/")
        devices.append(Device(row.public_id, browser, system, row.created_at, row.last_seen_at, row.id == session_id))
    return sorted(devices, key=lambda device: not device.is_this_one)


def end_device(db: Session, member_id: int, device_id: str) -> None:
    """Sign out one of a member's own devices; another's does not exist."""
    found = db.scalar(
        select(MemberSession).where(MemberSession.public_id == device_id, MemberSession.member_id == member_id)
    )
    if found is None:
        raise NotFound
    end_session(db, found.secret_hash)
