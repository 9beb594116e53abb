"""The life of a post: one state, the only moves between states, and what a move brings about."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.kit.errors import Conflict
from app.kit.messages import N_
from app.notifications.notify import announce_post, forget_post
from app.threads.tables import Post, PostState, Revision, Thread

MOVES: dict[PostState, frozenset[PostState]] = {
    PostState.HELD: frozenset(
        {PostState.PUBLISHED, PostState.RETURNED, PostState.REFUSED, PostState.BLOCKED, PostState.WITHDRAWN}
    ),
    PostState.BLOCKED: frozenset({PostState.HELD, PostState.PUBLISHED, PostState.WITHDRAWN}),
    PostState.RETURNED: frozenset({PostState.HELD, PostState.BLOCKED, PostState.WITHDRAWN}),
    PostState.REFUSED: frozenset({PostState.HELD, PostState.WITHDRAWN}),
    PostState.PUBLISHED: frozenset({PostState.HIDDEN, PostState.WITHDRAWN}),
    PostState.HIDDEN: frozenset({PostState.PUBLISHED, PostState.WITHDRAWN}),
    PostState.WITHDRAWN: frozenset(),
}


_NO_SYNC = {"synchronize_session": False}


def may_move(before: PostState, after: PostState) -> bool:
    """Whether a post may go from one state to another."""
    return after in MOVES[before]


def lock_post(db: Session, post: Post) -> None:
    """Have a post to ourselves until the transaction ends, as it stands at that moment and not as we once read it.

    Everywhere first the post, then its case, then its thread: who waits for whom is always the same way round.
    """
    db.refresh(post, ["state", "revision_number", "position", "edited_at"], with_for_update={"key_share": True})


def move_post(db: Session, post: Post, to: PostState, now: datetime) -> None:
    """Move a post to another state; raises `Conflict` for a move that does not exist.

    Its first publication gives it its position and tells those who follow the thread, once.
    """
    if not may_move(post.state, to):
        raise Conflict(N_("This post has changed in the meantime. Look at how it stands now."))
    post.state = to
    settle(db, post, now)


def settle(db: Session, post: Post, now: datetime) -> None:
    """Bring position, thread and notifications in line with the state that a post has just got."""
    db.flush()
    thread = _locked_thread(db, post.thread_id)
    if post.state is PostState.PUBLISHED and post.position is None:
        last = db.scalar(select(func.max(Post.position)).where(Post.thread_id == thread.id)) or 0
        post.position, post.published_at = last + 1, now
        db.flush()
        announce_post(db, thread.id, post.public_id, post.author_id, now)
    elif post.state is not PostState.PUBLISHED:
        forget_post(db, post.public_id)
    refresh_thread(db, thread)


def show_revision(db: Session, post: Post, number: int, now: datetime) -> None:
    """Make a later revision the one that is shown, as an edit."""
    post.revision_number = number
    if post.state is PostState.PUBLISHED:
        post.edited_at = now
    db.flush()
    refresh_thread(db, _locked_thread(db, post.thread_id))


def let_wait(db: Session, post: Post, number: int, now: datetime) -> None:
    """A later text of a post that others go on reading was put before a moderator."""
    if number > post.revision_number:
        later = (Revision.post_id == post.id, Revision.number == number)
        db.execute(update(Revision).where(*later).values(waits_since=now), execution_options=_NO_SYNC)


def end_waiting(db: Session, post: Post) -> None:
    """No later text of this post waits any more: it was decided on, or its author took it back."""
    db.execute(update(Revision).where(Revision.post_id == post.id).values(waits_since=None), execution_options=_NO_SYNC)


def refresh_thread(db: Session, thread: Thread) -> None:
    """Recompute from the posts what others may know of a thread. The only place that sets these columns."""
    published = (Post.thread_id == thread.id, Post.state == PostState.PUBLISHED)
    thread.published_count = db.scalar(select(func.count()).select_from(Post).where(*published)) or 0
    thread.last_position = db.scalar(select(func.max(Post.position)).where(Post.thread_id == thread.id)) or 0
    thread.last_post_at = db.scalar(select(func.max(Post.written_at)).where(*published))
    title = db.scalar(
        select(Revision.title)
        .join(Post, (Post.id == Revision.post_id) & (Post.revision_number == Revision.number))
        .where(*published, Post.parent_id.is_(None))
    )
    thread.title = title or ""
    db.flush()


def _locked_thread(db: Session, thread_id: int) -> Thread:
    """The thread, to ourselves until the transaction ends: positions are given out one by one.

    The columns that are recomputed are read anew, or an old value that happens to equal the new one is not written.
    A lock that leaves the key free: each new post holds the thread's key already, and two of them would wait for ever.
    """
    thread = db.get_one(Thread, thread_id)
    recomputed = ["title", "published_count", "last_position", "last_post_at"]
    db.refresh(thread, recomputed, with_for_update={"key_share": True})
    return thread
