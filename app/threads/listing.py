"""Lists of threads: of a board, and the newest on the home page. All through the one clause of visibility."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.boards.tables import Board, Section
from app.kit.ids import looks_like_id
from app.members.tables import Member
from app.members.viewer import Viewer
from app.threads.tables import Kind, Post, PostState, Revision, Thread, ThreadAudience, ThreadPlacement, Wish
from app.threads.visibility import readable_threads

LIST_SIZE = 20


@dataclass(frozen=True)
class ListedThread:
    """A thread in a list. `waits` when nothing in it is published and it is this viewer's own."""

    public_id: str
    title: str
    kind: Kind
    wish: Wish
    for_lotgenoten: bool
    is_pinned: bool
    is_locked: bool
    waits: bool
    author_name: str | None
    answer_count: int
    last_author: str | None
    last_at: datetime
    board_slug: str
    board_title: str
    section_title: str


@dataclass(frozen=True)
class ThreadList:
    """A finite stretch of threads, newest first. `older_than` is the id to ask the next stretch with, or None."""

    threads: tuple[ListedThread, ...]
    older_than: str | None
    is_first: bool


def read_board_threads(db: Session, viewer: Viewer, board: Board, older_than: str | None) -> ThreadList:
    """The threads of a board, pinned ones on top of the first stretch, and those that are shown here from elsewhere."""
    shown_here = exists().where(ThreadPlacement.thread_id == Thread.id, ThreadPlacement.board_id == board.id)
    in_board = or_(Thread.board_id == board.id, shown_here)
    after = _after(db, viewer, older_than)
    unpinned = and_(in_board, Thread.pinned_at.is_(None))
    pinned: list[ListedThread] = []
    if after is None:
        pinned = _listed(db, viewer, and_(in_board, Thread.pinned_at.is_not(None)), LIST_SIZE)
    rows = _listed(db, viewer, unpinned if after is None else and_(unpinned, after), LIST_SIZE + 1)
    more = len(rows) > LIST_SIZE
    rows = rows[:LIST_SIZE]
    return ThreadList(tuple([*pinned, *rows]), rows[-1].public_id if more else None, after is None)


def read_newest(db: Session, viewer: Viewer, most: int) -> tuple[ListedThread, ...]:
    """The threads in which something was written last, from all boards that this viewer reads."""
    return tuple(_listed(db, viewer, Thread.published_count > 0, most))


def read_last_moments(db: Session, viewer: Viewer) -> dict[int, datetime]:
    """When something was last written in each board, as far as this viewer may know."""
    rows = db.execute(
        select(Thread.board_id, func.max(Thread.last_post_at))
        .where(readable_threads(viewer), Thread.published_count > 0)
        .group_by(Thread.board_id)
    )
    return {board_id: last_at for board_id, last_at in rows if last_at is not None}


def _activity() -> ColumnElement[datetime]:
    return func.coalesce(Thread.last_post_at, Thread.started_at)


def _after(db: Session, viewer: Viewer, older_than: str | None) -> ColumnElement[bool] | None:
    """The place in the list right after a thread; None for the start, also when this viewer may not read it."""
    if older_than is None or not looks_like_id(older_than):
        return None
    there = (Thread.public_id == older_than, readable_threads(viewer))
    place = db.execute(select(_activity(), Thread.id).where(*there)).first()
    return None if place is None else tuple_(_activity(), Thread.id) < tuple_(place[0], place[1])


def _listed(db: Session, viewer: Viewer, where: ColumnElement[bool], most: int) -> list[ListedThread]:
    author, last_author, opening = aliased(Member), aliased(Member), aliased(Post)
    last_id = (
        select(Post.author_id)
        .where(Post.thread_id == Thread.id, Post.state == PostState.PUBLISHED)
        .order_by(Post.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    # What waits is listed for its author alone; moderators find it in the queue.
    waits = and_(Thread.published_count == 0, Thread.author_id == viewer.member_id) if viewer.is_member else None
    there = Thread.published_count > 0 if waits is None else or_(Thread.published_count > 0, waits)
    rows = db.execute(
        select(
            Thread.public_id,
            Thread.title,
            Thread.kind,
            Thread.wish,
            Thread.audience,
            Thread.pinned_at,
            Thread.locked_at,
            Thread.published_count,
            _activity().label("last_at"),
            Thread.author_id,
            author.pseudonym.label("author_name"),
            last_author.pseudonym.label("last_author"),
            Revision.title.label("own_title"),
            opening.state.label("opening_state"),
            Board.slug.label("board_slug"),
            Board.title.label("board_title"),
            Section.title.label("section_title"),
        )
        .join(Board, Board.id == Thread.board_id)
        .join(Section, Section.id == Board.section_id)
        .join(opening, and_(opening.thread_id == Thread.id, opening.parent_id.is_(None)))
        .join(Revision, and_(Revision.post_id == opening.id, Revision.number == opening.revision_number))
        .outerjoin(author, author.id == Thread.author_id)
        .outerjoin(last_author, last_author.id == last_id)
        .where(readable_threads(viewer), there, where)
        .order_by(_activity().desc(), Thread.id.desc())
        .limit(most)
    ).all()
    return [
        ListedThread(
            row.public_id,
            row.title if row.published_count else row.own_title or "",
            row.kind,
            row.wish,
            row.audience is ThreadAudience.LOTGENOTEN,
            row.pinned_at is not None,
            row.locked_at is not None,
            row.published_count == 0,
            row.author_name if row.opening_state is PostState.PUBLISHED or row.published_count == 0 else None,
            max(0, row.published_count - 1),
            row.last_author,
            row.last_at,
            row.board_slug,
            row.board_title,
            row.section_title,
        )
        for row in rows
    ]


def where_shown(db: Session, thread_id: int, boards: Sequence[int] | object) -> list[tuple[str, str]]:
    """The other boards in which a thread is shown, of those in `boards` (a clause of ids): slug and title."""
    rows = db.execute(
        select(Board.slug, Board.title)
        .join(ThreadPlacement, ThreadPlacement.board_id == Board.id)
        .where(ThreadPlacement.thread_id == thread_id, Board.id.in_(boards))  # type: ignore[arg-type]
        .order_by(Board.position)
    )
    return [(slug, title) for slug, title in rows]
