"""The example café as it lies in `data/`: what each file may hold, and which moments its relative times stand for."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from json import loads
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from app.boards.tables import Audience, ModerationMode
from app.kit.pages import HERE
from app.members.tables import Relation, Role
from app.moderation.tables import Action, ReportReason
from app.threads.tables import Kind, ThreadAudience, Wish

DATA = Path(__file__).parent / "data"
# So long before seeding the last word of every conversation was said.
QUIET = timedelta(hours=3)


class Told(BaseModel):
    """Parent of all that stands in the files; more may stand there than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldMember(Told):
    id: str
    pseudonym: str
    relation: Relation
    member_since_days: int
    roles: tuple[Role, ...]


class ToldSection(Told):
    slug: str
    title: str
    description: str
    diagnosis: str | None = None


class ToldBoard(Told):
    slug: str
    section: str
    title: str
    description: str
    read_relations: frozenset[Audience]
    write_relations: frozenset[Audience]
    moderation_mode: ModerationMode
    explains_medicines: bool


class Started(Told):
    days_ago: int
    at: time


class ToldPost(Told):
    id: str
    parent: str | None
    author: str
    minutes_after_start: int
    edited: bool
    text: str


class ToldThread(Told):
    id: str
    board: str
    also_in: str | None
    title: str
    kind: Kind
    wish: Wish
    audience: ThreadAudience
    pinned: bool
    locked: bool
    started: Started
    posts: tuple[ToldPost, ...]


class NewThread(Told):
    board: str
    title: str
    kind: Kind
    wish: Wish
    audience: ThreadAudience


class ToldReport(Told):
    by: str | None
    reason: ReportReason
    text: str
    minutes_after: int


class ToldDecision(Told):
    action: Action | Literal["withdraw"]
    by: str
    minutes_after: int
    words: str


class Rewritten(Told):
    """What the author wrote instead, and who placed it."""

    text: str
    minutes_after: int
    approved_by: str
    approved_minutes_after: int


class Restored(Told):
    """What the author wrote after an objection, and who put it back."""

    text: str
    minutes_after: int
    by: str
    restored_minutes_after: int
    words: str


class ToldCase(Told):
    id: str
    thread: str | None
    reply_to: str | None
    existing_post: str | None
    new_thread: NewThread | None
    author: str
    submitted_minutes_ago: int
    text: str
    sentences: tuple[str, ...]
    rule: int
    expected_guard_action: Literal["publish", "hold", "block"]
    asks_moderator: bool
    reports: tuple[ToldReport, ...]
    claimed_by: str | None
    decision: ToldDecision | None
    rewritten: Rewritten | None
    restored: Restored | None


class Story(Told):
    """All of it."""

    members: tuple[ToldMember, ...]
    sections: tuple[ToldSection, ...]
    boards: tuple[ToldBoard, ...]
    threads: tuple[ToldThread, ...]
    cases: tuple[ToldCase, ...]

    def member(self, member_id: str) -> ToldMember:
        return next(member for member in self.members if member.id == member_id)


@cache
def read_story() -> Story:
    """The story from its files; wrong ones raise a `ValidationError`."""
    boards, cases = _read("boards.json"), _read("cases.json")
    return TypeAdapter(Story).validate_python(
        {
            "members": _read("members.json") + cases["extra_members"],
            "sections": boards["sections"],
            "boards": boards["boards"],
            "threads": _read("threads.json"),
            "cases": cases["cases"],
        }
    )


def began_at(thread: ToldThread, now: datetime) -> datetime:
    """When a conversation began. One that would still go on after `now` is told as a day older."""
    day = now.astimezone(HERE).date() - timedelta(days=thread.started.days_ago)
    began = datetime.combine(day, thread.started.at, HERE).astimezone(UTC)
    last = timedelta(minutes=max(post.minutes_after_start for post in thread.posts))
    while began + last > now - QUIET:
        began -= timedelta(days=1)
    return began


def joined_at(member: ToldMember, story: Story, now: datetime) -> datetime:
    """When a member joined: as told, and in any case before their first word."""
    joined = now - timedelta(days=member.member_since_days)
    first = [
        began_at(thread, now) + timedelta(minutes=post.minutes_after_start)
        for thread in story.threads
        for post in thread.posts
        if post.author == member.id
    ]
    return min([joined, *(moment - timedelta(hours=1) for moment in first)])


def first_version(text: str) -> str:
    """What an edited post said before: the same without its last sentence, or without its last sign."""
    head, _, _ = text.rstrip().rpartition("\n\n")
    if head:
        return head
    stop = max(text.rstrip(" .!?…\n)'").rfind(sign) for sign in (". ", "! ", "? "))
    return text[: stop + 1] if stop > 0 else text.rstrip()[:-1]


def _read(name: str) -> Any:
    return loads((DATA / name).read_text("utf-8"))
