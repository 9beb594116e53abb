"""Decide on a case: once a version, by one moderator; then the post moves and everyone concerned gets a letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.guard.verdict import Outcome
from app.kit.errors import Conflict
from app.kit.messages import N_, translate
from app.kit.settings import Settings
from app.members.tables import Member
from app.moderation.claim import CaseMoved, free_for
from app.moderation.findings import findings_of, marks_of
from app.moderation.journal import record, trace
from app.moderation.letter import (
    Written,
    joined_sentences,
    language_of,
    send_letter,
    settings_of,
    write_letter,
)
from app.moderation.queue import lock_post
from app.moderation.tables import Action, Case, CaseLabel, CaseReason, CaseState, Decision, Report
from app.threads.lifecycle import end_waiting, move_post, show_revision
from app.threads.tables import Post, PostState, Revision, RevisionFinding

# What needs a rule and a sentence: DSA article 17 asks for both.
RESTRICTING = frozenset({Action.RETURN, Action.REFUSE, Action.HIDE})
HELP_RULE = 10  # about despair: a letter of care, never a bare no
# What says something of the post itself; every other reason goes with the text that brought it.
ABOUT_THE_POST = (CaseReason.REPORT, CaseReason.HELP, CaseReason.MODERATOR)
STOPPING = (Outcome.HOLD, Outcome.BLOCK)
NO_LETTER_NUMBER = "…"


@dataclass(frozen=True)
class Choice:
    """What a moderator chose, about the version of the case that was on their screen."""

    action: Action
    case_version: int
    rule: int = 0
    sentences: tuple[str, ...] = ()
    explanation: str = ""


@dataclass(frozen=True)
class Judged:
    """What a decision is about: the post, the text that was judged, what the guard saw in it, why it waited."""

    post: Post
    revision: Revision
    findings: Sequence[RevisionFinding]
    reasons: frozenset[CaseReason]
    shown: Revision | None  # the text that others go on reading, when this is a change of it

    @property
    def is_change(self) -> bool:
        return self.shown is not None


def possible_actions(state: PostState, shown_number: int, case_number: int) -> tuple[Action, ...]:
    """What can be decided about a post in this state; `case_number` is the revision that the case is about."""
    is_change = case_number > shown_number
    if state is PostState.HELD:
        return (Action.APPROVE, Action.RETURN, Action.REFUSE)
    if state is PostState.PUBLISHED:
        return (Action.APPROVE, Action.RETURN, Action.REFUSE, Action.HIDE) if is_change else (Action.KEEP, Action.HIDE)
    if state is PostState.HIDDEN:
        return (Action.RESTORE, Action.RETURN, Action.REFUSE) if is_change else (Action.RESTORE, Action.KEEP)
    if state is PostState.WITHDRAWN:  # it waits still because somebody may be in danger: a person has seen it
        return (Action.KEEP,)
    return ()


def wrong_in(choice: Choice, *texts: Revision) -> dict[str, str]:
    """What is missing in a choice: a message by field. A restriction names a rule, and words of one of the texts."""
    if choice.action not in RESTRICTING:
        return {}
    errors: dict[str, str] = {}
    if not choice.sentences:
        errors["other_sentence"] = N_("Choose the sentence that this is about, or copy it from the post.")
    elif not all(any(occurs(sentence, text) for text in texts) for sentence in choice.sentences):
        errors["other_sentence"] = N_("This sentence is not in the post. Copy it exactly, please.")
    if not choice.rule:
        errors["rule"] = N_("Choose the rule that this is about.")
    return errors


def occurs(sentence: str, revision: Revision) -> bool:
    """Whether words stand in the title or the text of a revision; spaces and line ends aside."""
    words = _flat(sentence)
    return bool(words) and any(words in _flat(source) for source in (revision.title or "", revision.text))


def texts_for(judged: Judged, action: Action) -> tuple[Revision, ...]:
    """The texts that a choice may take its sentence from. Whoever hides a post hides what others read, too."""
    shown = judged.shown if action is Action.HIDE else None
    return (judged.revision, shown) if shown is not None else (judged.revision,)


def decide_case(db: Session, case: Case, member_id: int, choice: Choice, now: datetime) -> Decision:
    """Decide on the version of a case that this moderator saw.

    Raises `CaseMoved` when it changed since, was decided on, or is held by another; the first of two wins, and only the
    first does anything. The caller has been through `case_for_deciding`, and nothing is `wrong_in` the choice.

    A report is about the text that others read: what is decided about a change leaves the case waiting for that.
    """
    lock_post(db, case.post_id)
    post = db.get_one(Post, case.post_id, populate_existing=True)
    to_author = choice.action is Action.RETURN and post.state is PostState.HELD
    taken = db.execute(
        update(Case)
        .where(
            Case.id == case.id,
            Case.version == choice.case_version,
            Case.state == CaseState.WAITING,
            free_for(member_id, now),
        )
        .values(
            version=Case.version + 1,
            state=CaseState.WITH_AUTHOR if to_author else CaseState.DECIDED,
            decided_at=None if to_author else now,
            claimed_by_id=None,
            claimed_until=None,
        )
        .returning(Case.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if taken is None:
        raise CaseMoved(N_("This case is not as you saw it any more."))
    db.refresh(case, ["version", "state", "decided_at", "claimed_by_id", "claimed_until"])
    if choice.action not in possible_actions(post.state, post.revision_number, case.revision_number):
        raise Conflict(N_("This cannot be decided about this post now. Look at how it stands."))
    judged = _as_chosen(db, read_judged(db, case, post), choice)
    before = trace(post, _shown(db, post))
    decision = _write_down(db, case, judged, member_id, choice, now)
    _carry_out(db, judged, choice, now)
    end_waiting(db, post)
    record(
        db,
        now,
        member_id,
        f"case.{choice.action}",
        case_id=case.id,
        post_id=post.id,
        thread_id=post.thread_id,
        rule=decision.rule,
        before=before,
        after=trace(post, _shown(db, post)),
    )
    _tell_author(db, judged, decision, choice, now)
    if judged.is_change and choice.action is not Action.HIDE and CaseReason.REPORT in judged.reasons:
        _go_on_with_report(db, case, post)
    else:
        _tell_reporters(db, case, judged, decision, choice, now)
    return decision


def read_judged(db: Session, case: Case, post: Post) -> Judged:
    """What a case is about, as it stands now."""
    about = (Revision.post_id == post.id, Revision.number == case.revision_number)
    revision = db.scalars(select(Revision).where(*about)).one()
    reasons = frozenset(db.scalars(select(CaseLabel.reason).where(CaseLabel.case_id == case.id)))
    is_change = case.revision_number > post.revision_number and post.state is PostState.PUBLISHED
    shown = _shown(db, post) if is_change else None
    return Judged(post, revision, findings_of(db, [revision.id])[revision.id], reasons, shown)


def preview_letter(db: Session, judged: Judged, choice: Choice, now: datetime) -> Written | None:
    """The letter that the author would get for this choice; None when there is no letter or no author."""
    kind = letter_kind(choice)
    if kind is None or judged.post.author_id is None:
        return None
    author = db.get_one(Member, judged.post.author_id)
    settings = settings_of(db)
    fill = _letter_fill(_as_chosen(db, judged, choice), choice, language_of(author), settings)
    return write_letter(kind, author, settings, now, NO_LETTER_NUMBER, **fill)


def letter_kind(choice: Choice) -> str | None:
    """Which letter the author gets. Whoever wrote in despair is not met with a bare refusal."""
    if choice.action in (Action.RETURN, Action.REFUSE) and choice.rule == HELP_RULE:
        return "zorg_niet_geplaatst"
    return {
        Action.APPROVE: "geplaatst",
        Action.RETURN: "terug",
        Action.REFUSE: "niet_geplaatst",
        Action.HIDE: "verborgen",
        Action.RESTORE: "hersteld",
    }.get(choice.action)


def noticed_by(judged: Judged, choice: Choice) -> str:
    """How we came to look at it: a key of the standing texts gemerkt.*."""
    guard_saw = any(finding.outcome in STOPPING for finding in judged.findings)
    if choice.action is Action.APPROVE:
        ways = [
            (CaseReason.REQUEST in judged.reasons, "eigen_verzoek"),
            (CaseReason.NEW_MEMBER in judged.reasons, "eerste_drie"),
            (guard_saw, "wacht"),
        ]
    else:
        is_out = choice.action in (Action.HIDE, Action.KEEP, Action.RESTORE)
        ways = [
            (CaseReason.REPORT in judged.reasons and is_out, "melding"),
            (bool(_chosen_findings(judged, choice)), "wacht"),
            (CaseReason.NEW_MEMBER in judged.reasons, "eerste_drie"),
        ]
    return next((key for holds, key in ways if holds), "moderator")


def _as_chosen(db: Session, judged: Judged, choice: Choice) -> Judged:
    """What this choice is about. A post that is hidden for words that others read is not judged for its change."""
    shown = judged.shown
    if choice.action is not Action.HIDE or shown is None or not any(occurs(one, shown) for one in choice.sentences):
        return judged
    return replace(judged, revision=shown, findings=findings_of(db, [shown.id])[shown.id], shown=None)


def _go_on_with_report(db: Session, case: Case, post: Post) -> None:
    """The change is decided on; the text that was reported waits still, and whoever reported it hears later."""
    of_change = (CaseLabel.case_id == case.id, CaseLabel.reason.not_in(ABOUT_THE_POST))
    db.execute(delete(CaseLabel).where(*of_change), execution_options={"synchronize_session": False})
    case.state, case.decided_at = CaseState.WAITING, None
    case.revision_number = post.revision_number
    db.flush()


def _write_down(db: Session, case: Case, judged: Judged, member_id: int, choice: Choice, now: datetime) -> Decision:
    restricts = choice.action in RESTRICTING
    noticed = noticed_by(judged, choice)
    decision = Decision(
        case_id=case.id,
        case_version=choice.case_version,
        post_id=judged.post.id,
        revision_number=judged.revision.number,
        decided_by_id=member_id,
        action=choice.action,
        rule=choice.rule if restricts else 0,
        sentence="\n".join(choice.sentences) if restricts else "",
        explanation=choice.explanation,
        noticed_by=noticed,
        automatic=_automatic(judged, noticed),
        decided_at=now,
    )
    db.add(decision)
    db.flush()
    return decision


def _carry_out(db: Session, judged: Judged, choice: Choice, now: datetime) -> None:
    """Let the post follow the decision. Nothing is deleted; a text that is not shown stays its author's."""
    post, number = judged.post, judged.revision.number
    if choice.action is Action.APPROVE and judged.is_change:
        show_revision(db, post, number, now)
    elif choice.action in (Action.APPROVE, Action.RESTORE):
        post.revision_number = max(number, post.revision_number)
        post.hidden_rule = None
        move_post(db, post, PostState.PUBLISHED, now)
    elif choice.action is Action.HIDE:
        post.hidden_rule = choice.rule
        move_post(db, post, PostState.HIDDEN, now)
    elif post.state is PostState.HELD:
        move_post(db, post, PostState.RETURNED if choice.action is Action.RETURN else PostState.REFUSED, now)


def _tell_author(db: Session, judged: Judged, decision: Decision, choice: Choice, now: datetime) -> None:
    kind = letter_kind(choice)
    if kind is None or judged.post.author_id is None:
        return
    author = db.get_one(Member, judged.post.author_id)
    fill = _letter_fill(judged, choice, language_of(author), settings_of(db))
    send_letter(db, kind, author.id, now, post_id=judged.post.id, decision_id=decision.id, **fill)


def _tell_reporters(db: Session, case: Case, judged: Judged, decision: Decision, choice: Choice, now: datetime) -> None:
    """Tell whoever reported the post what came of it, and of the author nothing."""
    for report in db.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.id)).all():
        reporter = db.get_one(Member, report.reporter_id)
        language = language_of(reporter)
        fill: dict[str, object] = {"datum": report.reported_at, "automatic": "nee"}
        if judged.post.state is PostState.HIDDEN:
            kind = "melding_ja"
            fill |= {"rule": decision.rule or judged.post.hidden_rule or 0}
            fill |= {"genomen_stap": translate(N_("the post is no longer to be read"), language)}
        elif judged.post.state is PostState.WITHDRAWN:
            kind = "melding_weg"
        else:
            kind = "melding_nee"
            said = choice.explanation if choice.action is Action.KEEP else ""
            fill["uitleg"] = _flat(said) or translate(N_("We read the post and the conversation around it."), language)
        send_letter(db, kind, reporter.id, now, post_id=judged.post.id, decision_id=decision.id, **fill)


def _letter_fill(judged: Judged, choice: Choice, language: str, settings: Settings) -> dict[str, object]:
    """What this choice puts into the author's letter."""
    chosen = _chosen_findings(judged, choice)
    mark = next(iter(marks_of(judged.revision, chosen, language, settings)), None)
    own_words = _flat(choice.explanation)
    fill: dict[str, object] = {
        "datum": judged.revision.written_at,
        "noticed_by": noticed_by(judged, choice),
        "automatic": _automatic(judged, noticed_by(judged, choice)),
    }
    if choice.action not in RESTRICTING:
        return {**fill, "uitleg": own_words}
    if choice.action is Action.RETURN and choice.rule != HELP_RULE:
        reason = mark.reason if mark else ""
        advice = mark.suggestion if mark else translate(N_("Change this sentence, please."), language)
        fill["suggestie"] = own_words or advice
    else:
        reason = " ".join(part for part in (mark.reason if mark else "", own_words) if part)
    stays = translate(N_("The text that others read stays as it was."), language) if judged.is_change else ""
    keeps = choice.action is not Action.HIDE
    return {
        **fill,
        "rule": choice.rule,
        "zin": joined_sentences(choice.sentences, language),
        "uitleg": " ".join(part for part in (reason, stays if keeps else "") if part),
    }


def _chosen_findings(judged: Judged, choice: Choice) -> list[RevisionFinding]:
    """The guard's findings that the chosen sentences come from; first those of the chosen rule."""
    wanted = {_flat(sentence) for sentence in choice.sentences}
    texts = {True: judged.revision.title or "", False: judged.revision.text}
    matching = [one for one in judged.findings if _flat(texts[one.in_title][one.start : one.end]) in wanted]
    return sorted(matching, key=lambda finding: finding.rule != choice.rule)


def _automatic(judged: Judged, noticed: str) -> str:
    """Whether a program had a part in it: a key of the standing texts automatisch.*."""
    guard_saw = any(finding.outcome in STOPPING for finding in judged.findings)
    return "aangewezen" if noticed == "wacht" or (guard_saw and noticed != "melding") else "nee"


def _shown(db: Session, post: Post) -> Revision | None:
    return db.scalar(select(Revision).where(Revision.post_id == post.id, Revision.number == post.revision_number))


def _flat(text: str) -> str:
    return " ".join(text.split())
