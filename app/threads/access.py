"""The doors to threads and posts: each finds one and asks whether this viewer may enter."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from app.boards.access import may_write_in_board, rights_of
from app.kit.errors import Forbidden, NotFound
from app.kit.ids import looks_like_id
from app.kit.messages import N_
from app.kit.permission import YES, Answer, no
from app.members.viewer import Viewer
from app.threads.tables import Post, PostState, Thread
from app.threads.visibility import listed_posts, readable_posts, readable_threads

EDITABLE = frozenset({PostState.PUBLISHED, PostState.HELD, PostState.RETURNED, PostState.BLOCKED, PostState.HIDDEN})
CLOSED = N_("This conversation is closed. You can still read it.")
WITHDRAWABLE = EDITABLE | {PostState.REFUSED}


def thread_for_reading(db: Session, viewer: Viewer, thread_id: str) -> Thread:
    """A thread that this viewer may read, with its board; else `NotFound`."""
    if not looks_like_id(thread_id):
        raise NotFound
    thread = db.scalar(
        select(Thread)
        .where(Thread.public_id == thread_id, readable_threads(viewer))
        .options(joinedload(Thread.board), joinedload(Thread.author))
    )
    if thread is None:
        raise NotFound
    return thread


def thread_for_replying(db: Session, viewer: Viewer, thread_id: str) -> Thread:
    """A thread that this viewer may answer in; else `NotFound`, or `Forbidden` with the reason."""
    thread = thread_for_reading(db, viewer, thread_id)
    _or_forbid(may_reply(db, viewer, thread))
    return thread


def thread_for_steering(db: Session, viewer: Viewer, thread_id: str) -> Thread:
    """A thread that this viewer moderates; else `NotFound`."""
    thread = thread_for_reading(db, viewer, thread_id)
    if not viewer.moderates(thread.board_id):
        raise NotFound
    return thread


def may_reply(db: Session, viewer: Viewer, thread: Thread) -> Answer:
    """Whether this viewer may answer in a thread that they read, and why not."""
    answer = may_write_in_board(viewer, rights_of(db, thread.board_id))
    if not answer:
        return answer
    if thread.locked_at is not None and not viewer.moderates(thread.board_id):
        return no(CLOSED)
    if thread.published_count == 0:
        return no(N_("This conversation is not placed yet. Answering comes later."))
    return YES


def post_for_reading(db: Session, viewer: Viewer, post_id: str) -> Post:
    """A post that this viewer may read, with thread, board and author; else `NotFound`."""
    return _post(db, post_id, readable_posts(viewer))


def post_for_finding(db: Session, viewer: Viewer, post_id: str) -> Post:
    """A post that has a place on a page for this viewer, be it an empty one; else `NotFound`."""
    return _post(db, post_id, listed_posts(viewer))


def own_post(db: Session, viewer: Viewer, post_id: str) -> Post:
    """A post of this viewer's own, also where they may no longer read along; else `NotFound`, also for a moderator."""
    if not viewer.is_member:
        raise NotFound
    return _post(db, post_id, Post.author_id == viewer.member_id)


def post_for_editing(db: Session, viewer: Viewer, post_id: str) -> Post:
    """An own post that can still be changed; else `NotFound`, or `Forbidden` with the reason."""
    post = own_post(db, viewer, post_id)
    _or_forbid(may_edit(db, viewer, post))
    return post


def may_edit(db: Session, viewer: Viewer, post: Post) -> Answer:
    """Whether the author can still change a post of their own: only where they may write now."""
    if post.state not in EDITABLE:
        return no(N_("This post can no longer be changed."))
    answer = may_write_in_board(viewer, rights_of(db, post.thread.board_id))
    if answer and post.thread.locked_at is not None and not viewer.moderates(post.thread.board_id):
        return no(CLOSED)
    return answer


def post_for_withdrawing(db: Session, viewer: Viewer, post_id: str) -> Post:
    """An own post that is not withdrawn yet, wherever it stands: one's words are one's own. Else `NotFound`."""
    post = own_post(db, viewer, post_id)
    _or_forbid(YES if post.state in WITHDRAWABLE else no(N_("This post is withdrawn already.")))
    return post


def post_for_answering(db: Session, viewer: Viewer, thread: Thread, post_id: str) -> Post:
    """A published post of this thread to answer; else `NotFound`."""
    post = post_for_reading(db, viewer, post_id)
    if post.thread_id != thread.id or post.state is not PostState.PUBLISHED:
        raise NotFound
    return post


def _post(db: Session, post_id: str, clause: ColumnElement[bool]) -> Post:
    if not looks_like_id(post_id):
        raise NotFound
    post = db.scalar(
        select(Post)
        .join(Post.thread)
        .where(Post.public_id == post_id, clause)
        .options(joinedload(Post.thread).joinedload(Thread.board), joinedload(Post.author))
    )
    if post is None:
        raise NotFound
    return post


def _or_forbid(answer: Answer) -> None:
    if not answer:
        raise Forbidden(answer.reason)
