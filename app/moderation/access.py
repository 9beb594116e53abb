"""The doors to cases, and who may decide: a moderator of that board, and nobody in a matter of their own."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from app.kit.errors import Forbidden, NotFound
from app.kit.ids import looks_like_id
from app.kit.messages import N_
from app.kit.permission import YES, Answer, no
from app.members.viewer import Viewer
from app.moderation.queue import moderated_threads
from app.moderation.tables import Case, Report
from app.threads.tables import Post, Thread

OWN_POST = N_("You wrote this post yourself. So somebody else decides.")
OWN_THREAD = N_("You wrote in this conversation yourself. So somebody else decides.")
OWN_REPORT = N_("You reported this post yourself. So somebody else decides.")
NOT_WAITING = N_("There is nothing to decide here now.")


@dataclass(frozen=True)
class Involvement:
    """What a moderator has to do with a case beyond deciding it."""

    is_author: bool = False
    wrote_in_thread: bool = False
    reported: bool = False


def may_decide(involved: Involvement) -> Answer:
    """Whether a moderator of the board may decide on a case, and why not."""
    if involved.is_author:
        return no(OWN_POST)
    if involved.wrote_in_thread:
        return no(OWN_THREAD)
    if involved.reported:
        return no(OWN_REPORT)
    return YES


def involvement(db: Session, viewer: Viewer, case: Case) -> Involvement:
    """What this viewer has to do with a case. `case.post` must be loaded."""
    wrote, reported = wrote_along(viewer, case.post.thread_id), reported_post(viewer, case.post_id)
    row = db.execute(select(wrote.label("wrote"), reported.label("reported"))).one()
    return Involvement(case.post.author_id == viewer.member_id, bool(row.wrote), bool(row.reported))


def wrote_along(viewer: Viewer, thread_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """Whether this viewer wrote in a thread, whatever came of it; for one thread, or as a clause of a query."""
    own = aliased(Post)
    return exists().where(own.thread_id == thread_id, own.author_id == viewer.member_id)


def reported_post(viewer: Viewer, post_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """Whether this viewer reported a post, in whichever of its cases; for one post, or as a clause of a query."""
    its = aliased(Case)
    return exists().where(Report.case_id == its.id, its.post_id == post_id, Report.reporter_id == viewer.member_id)


def case_for_reading(db: Session, viewer: Viewer, case_id: str) -> Case:
    """A case in a board that this viewer moderates, with its post, thread, board and holder; else `NotFound`."""
    if not looks_like_id(case_id):
        raise NotFound
    case = db.scalar(
        select(Case)
        .join(Case.post)
        .join(Post.thread)
        .where(Case.public_id == case_id, moderated_threads(viewer))
        .options(
            joinedload(Case.post).joinedload(Post.thread).joinedload(Thread.board),
            joinedload(Case.post).joinedload(Post.author),
            joinedload(Case.claimed_by),
        )
        .execution_options(populate_existing=True)
    )
    if case is None or not viewer.may_moderate:
        raise NotFound
    return case


def case_for_deciding(db: Session, viewer: Viewer, case_id: str) -> Case:
    """A case that this viewer may take up and decide on; else `NotFound`, or `Forbidden` with the reason."""
    case = case_for_reading(db, viewer, case_id)
    answer = may_decide(involvement(db, viewer, case))
    if not answer:
        raise Forbidden(answer.reason)
    return case


def post_for_moderating(db: Session, viewer: Viewer, post_id: str) -> Post:
    """A post in a board that this viewer moderates, with its thread and board; else `NotFound`."""
    if not looks_like_id(post_id):
        raise NotFound
    post = db.scalar(
        select(Post)
        .join(Post.thread)
        .where(Post.public_id == post_id, moderated_threads(viewer))
        .options(joinedload(Post.thread).joinedload(Thread.board), joinedload(Post.author))
    )
    if post is None or not viewer.may_moderate:
        raise NotFound
    return post
