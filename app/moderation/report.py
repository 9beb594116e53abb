"""A reader says that a post breaks a rule. It joins the post's case; the author never learns who said so."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.errors import Forbidden, NotFound
from app.kit.ids import looks_like_id
from app.kit.limits import Limit, hit
from app.kit.messages import N_, translate
from app.members.tables import Member
from app.members.viewer import Viewer
from app.moderation.journal import record
from app.moderation.letter import language_of, send_letter
from app.moderation.queue import lock_post, open_case
from app.moderation.tables import Case, CaseReason, CaseState, Report, ReportReason
from app.moderation.words import REPORT_REASONS, REPORT_RULES
from app.threads.access import post_for_reading
from app.threads.tables import Post, PostState

REPORTS_AN_HOUR = Limit("report", 10, timedelta(hours=1))


def post_for_reporting(db: Session, viewer: Viewer, post_id: str) -> Post:
    """A published post that this viewer reads; else `NotFound`, and `Forbidden` for one's own."""
    if not looks_like_id(post_id):
        raise NotFound
    post = post_for_reading(db, viewer, post_id)
    if post.author_id == viewer.member_id and viewer.is_member:
        raise Forbidden(N_("This is your own post. You can change or withdraw it."))
    if post.state is not PostState.PUBLISHED:
        raise NotFound
    return post


def has_reported(db: Session, member_id: int, post: Post) -> bool:
    """Whether this member said so already, about this text or in a case that is still open."""
    mine = (
        select(Case.state, Case.revision_number)
        .join(Report, Report.case_id == Case.id)
        .where(Case.post_id == post.id, Report.reporter_id == member_id)
    )
    return any(state is not CaseState.DECIDED or number >= post.revision_number for state, number in db.execute(mine))


def report_post(
    db: Session, post: Post, reporter_id: int, reason: ReportReason, words: str, now: datetime
) -> Report | None:
    """Report a post, with a receipt by letter; None when this member did so already. `post.thread` must be loaded."""
    lock_post(db, post.id)
    if has_reported(db, reporter_id, post):
        return None
    hit(db, REPORTS_AN_HOUR, reporter_id, now)
    rule = REPORT_RULES[reason]
    is_urgent = reason is ReportReason.WORRIED
    labels = [(CaseReason.REPORT, rule)]
    case = open_case(db, post, post.revision_number, post.thread.board_id, labels, is_urgent, now)
    report = Report(case_id=case.id, reporter_id=reporter_id, reason=reason, words=words, reported_at=now)
    db.add(report)
    db.flush()
    # The journal names no reporter: it outlives the report.
    record(db, now, None, "case.report", case_id=case.id, post_id=post.id, thread_id=post.thread_id, rule=rule)
    language = language_of(db.get_one(Member, reporter_id))
    send_letter(
        db,
        "melding_ontvangen",
        reporter_id,
        now,
        post_id=post.id,
        datum=now,
        reden_melding=translate(REPORT_REASONS[reason], language),
    )
    return report
