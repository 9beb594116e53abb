"""A reader says that a post breaks a rule. It joins the post's case; the author never learns who said so."""

from datetime import datetime, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.kit.errors import Forbidden, NotFound
from app.kit.ids import looks_like_id
from app.kit.limits import Limit, hit
from app.kit.messages import DEFAULT_LANGUAGE, N_, translate
from app.kit.pages import HERE
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
    return _first_report(db, member_id, post) is not None


def report_post(
    db: Session, post: Post, reporter_id: int, reason: ReportReason, words: str, now: datetime
) -> Report | None:
    """Report a post, with a receipt by letter. `post.thread` must be loaded.

    None when this member did so already: then what is new in it joins the first report. Only danger is heard again
    after a moderator decided.
    """
    lock_post(db, post.id)
    first = _first_report(db, reporter_id, post)
    if first is not None and (first.Case.state is not CaseState.DECIDED or reason is not ReportReason.WORRIED):
        _say_more(db, post, first.Report, first.Case, reason, words, now)
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


def _first_report(db: Session, member_id: int, post: Post) -> Row[Report, Case] | None:
    """This member's report of this text, or in a case that is still open, with its case."""
    mine = (
        select(Report, Case)
        .join(Case, Case.id == Report.case_id)
        .where(Case.post_id == post.id, Report.reporter_id == member_id)
        .order_by(Case.decided_at.is_not(None), Report.id.desc())
        .execution_options(populate_existing=True)
    )
    rows = db.execute(mine).all()
    about_this = (
        row for row in rows if row.Case.decided_at is None or row.Case.revision_number >= post.revision_number
    )
    return next(about_this, None)


def _say_more(
    db: Session, post: Post, report: Report, case: Case, reason: ReportReason, words: str, now: datetime
) -> None:
    """Add to a report what its reporter says later, with the moment. The case changes, so that nobody overlooks it."""
    is_other = reason not in (report.reason, ReportReason.OTHER)
    named = translate(REPORT_REASONS[reason], DEFAULT_LANGUAGE) if is_other else ""
    more = ": ".join(part for part in (named, words) if part)
    if not more or _says(report, more):
        return
    hit(db, REPORTS_AN_HOUR, report.reporter_id, now)
    dated = f"[{now.astimezone(HERE):%d-%m-%Y %H:%M}] {more}"
    report.words = "\n\n".join(part for part in (report.words, dated) if part)
    if case.state is not CaseState.DECIDED:
        labels = [(CaseReason.REPORT, REPORT_RULES[reason])] if is_other else []
        open_case(db, post, post.revision_number, post.thread.board_id, labels, reason is ReportReason.WORRIED, now)
    record(db, now, None, "case.report_added", case_id=case.id, post_id=post.id, thread_id=post.thread_id)


def _says(report: Report, more: str) -> bool:
    """Whether a report says this already: the same form, sent twice."""
    return report.words == more or report.words.startswith(f"{more}\n\n[") or report.words.endswith(f"] {more}")
