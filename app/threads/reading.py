"""What one page of a thread shows, in a fixed number of queries.

A page holds the posts in order of publication, so it stays put when posts are added: an address of a post leads to the
same page for ever. The tree is drawn within the page; an answer to a post on an earlier page names it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.members.tables import Member, Relation
from app.members.viewer import Viewer
from app.threads.tables import Post, PostState, Revision, Thread
from app.threads.visibility import listed_posts, readable_html, readable_posts

MAX_DEPTH = 6


class Order(StrEnum):
    """How the posts of a page are read."""

    TREE = "tree"
    TIME = "time"


@dataclass(frozen=True)
class Answered:
    """The post that another one answers. Its author is None where this viewer sees an empty place."""

    public_id: str
    author_name: str | None
    is_opening: bool


@dataclass(frozen=True)
class ReadPost:
    """A post as this viewer may see it: `html` is None in an empty place, and then so is its author."""

    id: int
    public_id: str
    parent_id: int | None
    state: PostState
    html: str | None
    author_id: int | None
    author_public_id: str | None
    author_name: str | None
    author_relation: Relation | None
    written_at: datetime
    edited_at: datetime | None
    hidden_rule: int | None
    banners: tuple[str, ...]
    answers: Answered | None
    has_pending_edit: bool
    is_own: bool
    depth: int


@dataclass(frozen=True)
class ThreadPage:
    """One page of a thread. Pages count from 1."""

    posts: tuple[ReadPost, ...]
    page: int
    pages: int
    order: Order


def page_of(position: int | None, last_position: int, page_size: int) -> int:
    """The page on which a post stands; what is not published yet is shown on the last one."""
    return max(1, -(-(position or last_position) // page_size))


def read_thread(db: Session, viewer: Viewer, thread: Thread, page: int, order: Order, page_size: int) -> ThreadPage:
    """A page of a thread that this viewer may read. A page that does not exist becomes the nearest one."""
    pages = page_of(None, thread.last_position, page_size)
    page = min(max(page, 1), pages)
    on_page: ColumnElement[bool] = Post.position.between((page - 1) * page_size + 1, page * page_size)
    if page == pages:
        on_page = or_(on_page, Post.position.is_(None))
    rows = _rows(db, viewer, thread, and_(Post.thread_id == thread.id, on_page))
    return ThreadPage(tuple(in_order(rows, order)), page, pages, order)


def read_around(
    db: Session, viewer: Viewer, thread: Thread, post_id: int, parent_id: int | None
) -> tuple[ReadPost, ...]:
    """A post with what it answers and the opening post: what one needs to understand it."""
    wanted = [post_id] if parent_id is None else [post_id, parent_id]
    place = and_(Post.thread_id == thread.id, or_(Post.id.in_(wanted), Post.parent_id.is_(None)))
    return tuple(in_order(_rows(db, viewer, thread, place), Order.TREE))


def _rows(db: Session, viewer: Viewer, thread: Thread, place: ColumnElement[bool]) -> list[ReadPost]:
    parent, parent_author, later = aliased(Post), aliased(Member), aliased(Revision)
    pending = exists().where(
        later.post_id == Post.id, later.number > Post.revision_number, later.waits_since.is_not(None)
    )
    rows = db.execute(
        select(
            Post.id,
            Post.public_id,
            Post.parent_id,
            Post.state,
            Post.author_id,
            Post.written_at,
            Post.edited_at,
            Post.hidden_rule,
            readable_html(viewer).label("html"),
            Revision.banners,
            pending.label("pending"),
            Member.public_id.label("author_public_id"),
            Member.pseudonym,
            Member.relation,
            parent.public_id.label("parent_public_id"),
            parent.state.label("parent_state"),
            parent.parent_id.label("grandparent_id"),
            parent_author.pseudonym.label("parent_name"),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Revision, and_(Revision.post_id == Post.id, Revision.number == Post.revision_number))
        .outerjoin(Member, Member.id == Post.author_id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .outerjoin(parent_author, parent_author.id == parent.author_id)
        .where(place, listed_posts(viewer))
        .order_by(Post.position.is_(None), Post.position, Post.id)
    ).all()
    moderates = viewer.moderates(thread.board_id)
    return [_read(row, viewer, moderates) for row in rows]


def _read(row: Any, viewer: Viewer, moderates: bool) -> ReadPost:
    is_own = viewer.is_member and row.author_id == viewer.member_id
    is_there = row.html is not None
    answers = None
    if row.parent_public_id is not None:
        seen = row.parent_state is PostState.PUBLISHED
        answers = Answered(row.parent_public_id, row.parent_name if seen else None, row.grandparent_id is None)
    return ReadPost(
        row.id,
        row.public_id,
        row.parent_id,
        row.state,
        row.html,
        row.author_id,
        row.author_public_id if is_there else None,
        row.pseudonym if is_there else None,
        row.relation if is_there else None,
        row.written_at,
        row.edited_at if is_there else None,
        row.hidden_rule,
        tuple(row.banners.split()) if is_there else (),
        answers,
        bool(row.pending) and (is_own or moderates),
        is_own,
        0,
    )


def in_order(rows: Sequence[ReadPost], order: Order) -> list[ReadPost]:
    """The posts of one page as a tree, depth first, or as they came."""
    if order is Order.TIME:
        return list(rows)
    here = {row.id for row in rows}
    children: dict[int | None, list[ReadPost]] = defaultdict(list)
    for row in rows:
        children[row.parent_id if row.parent_id in here else None].append(row)
    ordered: list[ReadPost] = []
    # A stack of its own: a hostile tree is deeper than Python's.
    waiting = [(row, 0) for row in reversed(children[None])]
    while waiting:
        row, depth = waiting.pop()
        ordered.append(replace(row, depth=min(depth, MAX_DEPTH)))
        waiting += [(child, depth + 1) for child in reversed(children[row.id])]
    return ordered


def waiting_title(db: Session, viewer: Viewer, thread: Thread) -> str | None:
    """The title of a thread whose opening is not published, for whoever may read that opening; else None."""
    return db.scalar(
        select(Revision.title)
        .join(Post, and_(Post.id == Revision.post_id, Post.revision_number == Revision.number))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.thread_id == thread.id, Post.parent_id.is_(None), readable_posts(viewer))
    )
