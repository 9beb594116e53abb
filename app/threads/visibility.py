"""Who may read what, in one file: as a clause for a query and as a predicate for a row. A test holds the two together.

- A board says which relations read it (`boards/access.py`); its moderators always do.
- A thread for lotgenoten only is read by them, whoever started it, and moderators.
- A thread of which nothing is published is there for its author and moderators only.
- A post that is not published is there for its author and moderators only. A hidden post, and a withdrawn one that was
  answered, leave an empty place: others see that it was there, never its text.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, false, null, or_, true
from sqlalchemy.orm import aliased

from app.boards.access import may_read_board, readable_boards
from app.boards.tables import Audience
from app.members.tables import Relation
from app.members.viewer import Viewer
from app.threads.tables import Post, PostState, Revision, Thread, ThreadAudience

EMPTY_PLACES = (PostState.HIDDEN, PostState.WITHDRAWN)


@dataclass(frozen=True)
class PostFacts:
    """What counts for who may read a post, of its row, its thread and its board."""

    board_id: int
    readers: frozenset[Audience]
    audience: ThreadAudience
    thread_author_id: int | None
    published_count: int
    state: PostState
    author_id: int | None
    was_published: bool
    has_answers: bool


def readable_threads(viewer: Viewer) -> ColumnElement[bool]:
    """The threads this viewer may read, for a query over `Thread`."""
    own = _is(Thread.author_id, viewer)
    moderated = _moderated(viewer)
    for_all = true() if viewer.relation is Relation.LOTGENOOT else Thread.audience == ThreadAudience.BOARD
    return and_(
        Thread.board_id.in_(readable_boards(viewer)),
        or_(for_all, own, moderated),
        or_(Thread.published_count > 0, own, moderated),
    )


def readable_posts(viewer: Viewer) -> ColumnElement[bool]:
    """The posts whose text this viewer may read, for a query over `Post` joined to `Thread`."""
    return and_(readable_threads(viewer), or_(Post.state == PostState.PUBLISHED, _sees_all(viewer)))


def listed_posts(viewer: Viewer) -> ColumnElement[bool]:
    """The posts that have a place on a page for this viewer: the readable ones and the empty places."""
    answer = aliased(Post)
    answered = exists().where(answer.parent_id == Post.id, answer.state == PostState.PUBLISHED)
    empty = and_(
        Post.position.is_not(None),
        or_(Post.state == PostState.HIDDEN, and_(Post.state == PostState.WITHDRAWN, answered)),
    )
    return and_(readable_threads(viewer), or_(Post.state == PostState.PUBLISHED, _sees_all(viewer), empty))


def readable_html(viewer: Viewer) -> ColumnElement[str | None]:
    """The text of a post as a column: NULL where this viewer sees an empty place."""
    return case((or_(Post.state == PostState.PUBLISHED, _sees_all(viewer)), Revision.html), else_=null())


def may_read_thread(viewer: Viewer, facts: PostFacts) -> bool:
    """The same as `readable_threads`, for one row."""
    own = viewer.is_member and facts.thread_author_id == viewer.member_id
    moderates = viewer.moderates(facts.board_id)
    return (
        bool(may_read_board(viewer, facts.readers, facts.board_id))
        and (facts.audience is ThreadAudience.BOARD or viewer.relation is Relation.LOTGENOOT or own or moderates)
        and (facts.published_count > 0 or own or moderates)
    )


def may_read_post(viewer: Viewer, facts: PostFacts) -> bool:
    """The same as `readable_posts`, for one row."""
    return may_read_thread(viewer, facts) and (facts.state is PostState.PUBLISHED or _sees_all_of(viewer, facts))


def may_list_post(viewer: Viewer, facts: PostFacts) -> bool:
    """The same as `listed_posts`, for one row."""
    empty = facts.was_published and (
        facts.state is PostState.HIDDEN or (facts.state is PostState.WITHDRAWN and facts.has_answers)
    )
    return may_read_post(viewer, facts) or (may_read_thread(viewer, facts) and empty)


def _sees_all(viewer: Viewer) -> ColumnElement[bool]:
    """Its author, and moderators of its board; a withdrawn post is its author's alone."""
    return or_(_is(Post.author_id, viewer), and_(_moderated(viewer), Post.state != PostState.WITHDRAWN))


def _sees_all_of(viewer: Viewer, facts: PostFacts) -> bool:
    own = viewer.is_member and facts.author_id == viewer.member_id
    return own or (viewer.moderates(facts.board_id) and facts.state is not PostState.WITHDRAWN)


def _is(column: ColumnElement[int | None] | object, viewer: Viewer) -> ColumnElement[bool]:
    # Never `column == None`: SQL reads that as IS NULL, and a guest would own every ownerless row.
    return column == viewer.member_id if viewer.is_member else false()  # type: ignore[return-value]


def _moderated(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.moderates_all:
        return true()
    boards = viewer.moderated_boards
    return Thread.board_id.in_(boards) if boards else false()
