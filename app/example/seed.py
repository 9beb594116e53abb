"""Writes the example café, once, through the verbs that the pages use, at moments of the past.

Everything happens in order of time, as it would have: a post is written, a moderator decides, its author writes again.
Nobody is let through: a text that the guard stops is stopped here as well, and `Seeded` says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.boards.access import board_for_writing
from app.boards.add_board import BoardPlan, add_board
from app.boards.add_section import add_section
from app.boards.tables import Board, Section
from app.example.accounts import EXAMPLE_DOMAIN, EXAMPLE_PASSWORD, accounts_in_words, email_of
from app.example.story import (
    Story,
    ToldCase,
    ToldMember,
    ToldPost,
    ToldReport,
    ToldThread,
    began_at,
    first_version,
    joined_at,
    read_story,
)
from app.guard.verdict import Outcome
from app.kit.errors import NotFound
from app.kit.mail import Mail
from app.kit.settings import Settings
from app.members.by_hand import make_member
from app.members.passwords import hash_password
from app.members.roles import grant_role
from app.members.tables import Member, Role
from app.members.viewer import Viewer
from app.moderation.access import case_for_deciding
from app.moderation.claim import claim_case
from app.moderation.decide import RESTRICTING, Choice, decide_case
from app.moderation.queue import open_case
from app.moderation.report import post_for_reporting, report_post
from app.moderation.steer import Steer, steer_thread
from app.moderation.tables import Action, Case, CaseReason, CaseState, Letter
from app.notifications.tables import Notification
from app.posting.ask_moderator import ask_moderator
from app.posting.edit import Stale, edit_post, newest_revision
from app.posting.reply import submit_reply
from app.posting.start_thread import Opening, start_thread
from app.posting.withdraw import withdraw_post
from app.posting.write import House, Posted, judge
from app.threads.access import post_for_editing, post_for_withdrawing, thread_for_reading, thread_for_replying
from app.threads.tables import Post, PostState, Thread

HOUSE = House(first_posts_read=0)  # everyone here is known already
# What was told longer ago than this, its reader has seen.
FRESH = timedelta(days=2)
CLAIMED_AGO = timedelta(minutes=4)


@dataclass(frozen=True)
class Seeded:
    """What was written. `stopped` and `missed` are empty when guard and example café agree."""

    members: int = 0
    boards: int = 0
    threads: int = 0
    posts: int = 0
    cases: int = 0
    stopped: tuple[str, ...] = ()  # meant to be placed, but the guard thought otherwise
    missed: tuple[str, ...] = ()  # meant to be stopped, but the guard saw nothing; not written at all
    was_there: bool = False

    def __str__(self) -> str:
        lines = [
            "The example café is there already."
            if self.was_there
            else f"Wrote the example café: {self.members} members, {self.boards} boards, {self.threads} conversations,"
            f" {self.posts} posts, {self.cases} cases."
        ]
        lines += [f"  The guard stopped {what}" for what in self.stopped]
        lines += [f"  The guard let pass, so it was left out: {what}" for what in self.missed]
        return "\n".join([*lines, "", accounts_in_words()])


def seed(db: Session, settings: Settings, now: datetime) -> Seeded:
    """Write the example café into an empty one; where its first section stands already, nothing happens."""
    story = read_story()
    if db.scalar(select(Section.id).where(Section.slug == story.sections[0].slug)) is not None:
        return Seeded(was_there=True)
    _write_boards(db, story)
    people = _write_members(db, settings, story, now)
    telling = _Telling(db, settings, story, people, now)
    telling.tell()
    _settle_down(db, now)
    return Seeded(
        len(people),
        len(story.boards),
        db.scalar(select(func.count(Thread.id))) or 0,
        db.scalar(select(func.count(Post.id))) or 0,
        db.scalar(select(func.count(Case.id))) or 0,
        tuple(telling.stopped),
        tuple(telling.missed),
    )


def _write_boards(db: Session, story: Story) -> None:
    sections = {
        told.slug: add_section(db, told.slug, told.title, told.description, told.diagnosis, place)
        for place, told in enumerate(story.sections, 1)
    }
    for place, told in enumerate(story.boards, 1):
        plan = BoardPlan(
            section_id=sections[told.section].id,
            title=told.title,
            description=told.description,
            readers=told.read_relations,
            writers=told.write_relations,
            moderation_mode=told.moderation_mode,
            rules=(),
            explains_medicines=told.explains_medicines,
            position=place,
        )
        add_board(db, told.slug, plan)


def _write_members(db: Session, settings: Settings, story: Story, now: datetime) -> dict[str, Viewer]:
    """Everyone, with their roles; answers how each of them looks at the café."""
    kept = hash_password(settings.secret, EXAMPLE_PASSWORD)  # once: it is slow on purpose
    people = {}
    for told in story.members:
        joined = joined_at(told, story, now)
        member = make_member(db, settings, told.pseudonym, email_of(told), told.relation, joined)
        member.password_hash = kept
        for role in told.roles:
            grant_role(db, member, role, "", None, joined)
        people[told.id] = _viewer(member, told)
    db.flush()
    return people


def _viewer(member: Member, told: ToldMember) -> Viewer:
    grants: frozenset[tuple[Role, int | None]] = frozenset((role, None) for role in told.roles)
    return Viewer(member.id, member.public_id, member.pseudonym, told.relation, grants, shows_posts=True)


def _settle_down(db: Session, now: datetime) -> None:
    """Nobody has hundreds of unread notes from last year, and no mail leaves for people who do not exist."""
    old = now - FRESH
    db.execute(update(Notification).where(Notification.created_at < old).values(read_at=Notification.created_at))
    db.execute(update(Letter).where(Letter.sent_at < old).values(read_at=Letter.sent_at))
    ours = Mail.recipient.endswith(f"@{EXAMPLE_DOMAIN}", autoescape=True)
    db.execute(update(Mail).where(ours).values(sent_at=Mail.created_at, next_attempt_at=None, text=""))


Happening = Callable[[datetime], object]


@dataclass
class _Telling:
    """Plays the story in order of time."""

    db: Session
    settings: Settings
    story: Story
    people: dict[str, Viewer]
    now: datetime
    stopped: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    _threads: dict[str, Thread] = field(default_factory=dict)
    _posts: dict[tuple[str, str], Post] = field(default_factory=dict)
    _moments: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _coming: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def tell(self) -> None:
        for thread in self.story.threads:
            self._plan_thread(thread)
        for case in self.story.cases:
            self._plan_case(case)
        while self._coming:
            moment, _, happening = heappop(self._coming)
            happening(moment)

    def _plan(self, moment: datetime, happening: Happening) -> None:
        heappush(self._coming, (min(moment, self.now), next(self._numbers), happening))

    # --- conversations ------------------------------------------------------------------------------------------------

    def _plan_thread(self, told: ToldThread) -> None:
        began = began_at(told, self.now)
        moments = {post.id: began + timedelta(minutes=post.minutes_after_start) for post in told.posts}
        self._moments |= {(told.id, post_id): moment for post_id, moment in moments.items()}
        opening, *replies = told.posts
        self._plan(began, lambda moment: self._open(told, opening, moment))
        for post in replies:
            self._plan(moments[post.id], lambda moment, post=post: self._reply(told, post, moment))  # type: ignore[misc]
        end = max(moments.values()) + timedelta(minutes=30)
        if told.pinned:
            self._plan(began + timedelta(minutes=30), lambda moment: self._steer(told, Steer.PIN, moment))
        if told.also_in:
            self._plan(began + timedelta(minutes=45), lambda moment: self._steer(told, Steer.SHOW_ALSO, moment))
        if told.locked:
            self._plan(end, lambda moment: self._steer(told, Steer.LOCK, moment))

    def _open(self, told: ToldThread, post: ToldPost, moment: datetime) -> None:
        viewer = self.people[post.author]
        board = board_for_writing(self.db, viewer, told.board)
        text = first_version(post.text) if post.edited else post.text
        opening = Opening(told.title, text, told.kind, told.wish, told.audience)
        posted = start_thread(self.db, board, _id(viewer), opening, HOUSE, moment)
        self._threads[told.id] = posted.post.thread
        self._posts[told.id, post.id] = posted.post
        self._look_back(told, post, posted, moment)
        if posted.judged.outcome is Outcome.PUBLISH and posted.post.state is PostState.HELD:
            answers = [one.minutes_after_start for one in told.posts[1:]]
            wait = min([20.0, *(minutes / 2 for minutes in answers)])
            moderator = self._somebody_else(told)
            self._plan(
                moment + timedelta(minutes=wait),
                lambda at: self._decide(posted.post, moderator, Choice(Action.APPROVE, 0), at),
            )

    def _reply(self, told: ToldThread, post: ToldPost, moment: datetime) -> None:
        parent = self._posts.get((told.id, post.parent or ""))
        if parent is None or parent.state is not PostState.PUBLISHED:
            return  # what it answers was stopped, so it was never said
        viewer = self.people[post.author]
        thread = thread_for_replying(self.db, viewer, self._threads[told.id].public_id)
        text = first_version(post.text) if post.edited else post.text
        posted = submit_reply(self.db, thread, _id(viewer), text, parent, HOUSE, moment)
        self._posts[told.id, post.id] = posted.post
        self._look_back(told, post, posted, moment)

    def _look_back(self, told: ToldThread, post: ToldPost, posted: Posted, moment: datetime) -> None:
        """Note what the guard stopped, and plan the edit of a post that was edited."""
        where = f"{told.id}/{post.id}"
        if posted.judged.outcome is not Outcome.PUBLISH:
            self._note_stopped(where, posted)
        elif post.edited:
            later = moment + timedelta(minutes=6 + len(post.text) % 30)
            title = told.title if post.parent is None else None
            self._plan(later, lambda at: self._edit(where, posted.post, title, post.text, at))

    def _edit(self, where: str, post: Post, title: str | None, text: str, moment: datetime) -> Posted | None:
        author = next(viewer for viewer in self.people.values() if viewer.member_id == post.author_id)
        post = post_for_editing(self.db, author, post.public_id)
        seen = newest_revision(self.db, post).number
        posted = edit_post(self.db, post, title, text, seen, HOUSE, moment)
        if isinstance(posted, Stale):
            raise RuntimeError(f"{where}: edited by two at a time")
        if posted.judged.outcome is not Outcome.PUBLISH:
            self._note_stopped(f"{where} (edited)", posted)
        return posted

    def _steer(self, told: ToldThread, act: Steer, moment: datetime) -> None:
        moderator = self.people[self._somebody_else(told)]
        board = None
        if act is Steer.SHOW_ALSO:
            board = self.db.scalars(select(Board).where(Board.slug == told.also_in)).one()
        thread = thread_for_reading(self.db, moderator, self._threads[told.id].public_id)
        steer_thread(self.db, moderator, thread, act, board, moment)

    def _somebody_else(self, told: ToldThread) -> str:
        """A moderator who did not write in this conversation."""
        writers = {post.author for post in told.posts}
        moderators = [member.id for member in self.story.members if Role.MODERATOR in member.roles]
        return next(one for one in moderators if one not in writers)

    def _note_stopped(self, where: str, posted: Posted) -> None:
        found = [f"rule {one.rule} {one.pattern}: {one.words!r}" for _, one in posted.judged.findings]
        self.stopped.append(f"{where} ({posted.judged.outcome.value}): {'; '.join(found)}")

    # --- cases --------------------------------------------------------------------------------------------------------

    def _plan_case(self, told: ToldCase) -> None:
        submitted = self.now - timedelta(minutes=told.submitted_minutes_ago)
        if told.thread is not None:
            about = self._moments[told.thread, told.existing_post or told.reply_to or "p1"]
            submitted = max(submitted, about + timedelta(minutes=5))
        self._plan(submitted, lambda moment: self._submit(told, moment))

    def _submit(self, told: ToldCase, moment: datetime) -> None:
        if told.existing_post is not None:
            post: Post | None = self._posts.get((told.thread or "", told.existing_post))
        elif told.new_thread is not None:
            post = self._open_case_thread(told, moment)
        else:
            post = self._reply_case(told, moment)
        if post is None or (post.state is PostState.PUBLISHED and not told.reports):
            return
        later = _after(moment)
        if post.state is PostState.BLOCKED:
            if told.decision is None and not told.asks_moderator and told.expected_guard_action == "block":
                return
            self._plan(later(6), lambda at: ask_moderator(self.db, self._own(post), at))
        for report in told.reports:
            self._plan(later(report.minutes_after), lambda at, report=report: self._report(told, post, report, at))  # type: ignore[misc]
        if told.claimed_by is not None:
            claimant = told.claimed_by
            self._plan(self.now - CLAIMED_AGO, lambda at: self._claim(post, claimant, at))
        self._plan_what_came_of_it(told, post, later)

    def _plan_what_came_of_it(self, told: ToldCase, post: Post, later: Callable[[int], datetime]) -> None:
        decision, rewritten, restored = told.decision, told.rewritten, told.restored
        if decision is None:
            return
        if decision.action == "withdraw":
            self._plan(later(decision.minutes_after), lambda at: withdraw_post(self.db, self._withdrawable(post), at))
            return
        choice = Choice(decision.action, 0, told.rule, told.sentences, decision.words)
        self._plan(later(decision.minutes_after), lambda at: self._decide(post, decision.by, choice, at))
        if rewritten is not None:
            self._plan(
                later(rewritten.minutes_after),
                lambda at: self._edit(f"{told.id} (rewritten)", post, None, rewritten.text, at),
            )
            approval = Choice(Action.APPROVE, 0)
            self._plan(
                later(rewritten.approved_minutes_after),
                lambda at: self._decide(post, rewritten.approved_by, approval, at),
            )
        if restored is not None:
            self._plan(
                later(restored.minutes_after),
                lambda at: self._edit(f"{told.id} (restored)", post, None, restored.text, at),
            )
            back = Choice(Action.RESTORE, 0, explanation=restored.words)
            self._plan(later(restored.restored_minutes_after), lambda at: self._decide(post, restored.by, back, at))

    def _open_case_thread(self, told: ToldCase, moment: datetime) -> Post | None:
        opening, viewer = told.new_thread, self.people[told.author]
        if opening is None:
            return None
        board = board_for_writing(self.db, viewer, opening.board)
        if self._is_missed(told, opening.title, None, board):
            return None
        said = Opening(opening.title, told.text, opening.kind, opening.wish, opening.audience)
        return start_thread(self.db, board, _id(viewer), said, HOUSE, moment).post

    def _reply_case(self, told: ToldCase, moment: datetime) -> Post | None:
        key = told.thread or "", told.reply_to or "p1"
        parent = self._posts.get(key)
        if parent is None or parent.state is not PostState.PUBLISHED:
            return None
        viewer = self.people[told.author]
        thread = thread_for_replying(self.db, viewer, self._threads[key[0]].public_id)
        if self._is_missed(told, None, thread, thread.board):
            return None
        return submit_reply(self.db, thread, _id(viewer), told.text, parent, HOUSE, moment).post

    def _is_missed(self, told: ToldCase, title: str | None, thread: Thread | None, board: Board) -> bool:
        """Whether the guard would place what it should stop: then it stays out of the example café, and is told."""
        if told.expected_guard_action == "publish":
            return False
        judged = judge(title, told.text, thread.wish if thread else None, board)
        if judged.outcome is Outcome.PUBLISH:
            self.missed.append(f"{told.id} ({told.expected_guard_action})")
            return True
        return False

    def _report(self, told: ToldCase, post: Post, report: ToldReport, moment: datetime) -> None:
        if report.by is None:  # by mail, from somebody without an account
            post = self._own(post)
            labels = [(CaseReason.REPORT, told.rule)]
            open_case(self.db, post, post.revision_number, post.thread.board_id, labels, False, moment)
            return
        reporter = self.people[report.by]
        seen = post_for_reporting(self.db, reporter, post.public_id)
        report_post(self.db, seen, _id(reporter), report.reason, report.text, moment)

    def _claim(self, post: Post, by: str, moment: datetime) -> None:
        case = case_for_deciding(self.db, self.people[by], self._open_case_of(post).public_id)
        claim_case(self.db, case, _id(self.people[by]), self.settings.claim_minutes, moment)

    def _decide(self, post: Post, by: str, choice: Choice, moment: datetime) -> None:
        """Decide as it was chosen, about the case as it stands; its version is the one that is on the screen."""
        moderator = self.people[by]
        case = case_for_deciding(self.db, moderator, self._open_case_of(post).public_id)
        restricts = choice.action in RESTRICTING
        chosen = Choice(
            choice.action,
            case.version,
            choice.rule if restricts else 0,
            choice.sentences if restricts else (),
            choice.explanation,
        )
        decide_case(self.db, case, _id(moderator), chosen, moment)

    def _open_case_of(self, post: Post) -> Case:
        case = self.db.scalar(select(Case).where(Case.post_id == post.id, Case.state != CaseState.DECIDED))
        if case is None:
            raise NotFound
        return case

    def _own(self, post: Post) -> Post:
        """A post with its thread and board, as its author opens it."""
        author = next(viewer for viewer in self.people.values() if viewer.member_id == post.author_id)
        return post_for_editing(self.db, author, post.public_id)

    def _withdrawable(self, post: Post) -> Post:
        author = next(viewer for viewer in self.people.values() if viewer.member_id == post.author_id)
        return post_for_withdrawing(self.db, author, post.public_id)


def _after(moment: datetime) -> Callable[[int], datetime]:
    return lambda minutes: moment + timedelta(minutes=minutes)


def _id(viewer: Viewer) -> int:
    assert viewer.member_id is not None
    return viewer.member_id
