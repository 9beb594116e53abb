"""What the tests of the desk share: posts that wait, their cases, and decisions about them."""

from datetime import datetime
from itertools import count

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.boards.tables import ModerationMode
from app.kit import clock
from app.kit.settings import Settings
from app.members.tables import Relation, Role
from app.members.viewer import Viewer
from app.moderation.decide import Choice, decide_case
from app.moderation.report import report_post
from app.moderation.tables import Action, Case, CaseState, Decision, Letter, ReportReason
from app.posting.edit import Stale, edit_post, newest_revision
from app.posting.write import House, Posted
from app.threads.tables import Post
from tests.cast import OPEN_HOUSE, Cast, Person, post_row

ADVICE = "Ik lees je. Je moet meteen stoppen met pregabaline."
PLAIN = "Ik zet een stoel naast de jouwe."
PHONE = "Bel me op 06-12345678, ik woon Dorpsstraat 1 in Ede."
DESPAIR = "Ik wil niet meer leven."
FIRST_POSTS = House(first_posts_read=3)
_numbers = count(1)


def held_reply(cast: Cast, text: str = PLAIN, author: Person | None = None, board_id: int | None = None) -> str:
    """An answer of a new member, which waits for a moderator; answers its public id."""
    board = board_id or careful_board(cast)
    thread = cast.thread(board_id=board, author=cast.anna)
    return cast.reply(thread, text, author=author or cast.bram, house=FIRST_POSTS)


def careful_board(cast: Cast) -> int:
    """A board in which a moderator reads the first posts of every member."""
    return cast.make_board(f"voorzichtig-{next(_numbers)}", mode=ModerationMode.NEW_MEMBERS_FIRST)


def case_of(db: Session, post_id: str) -> Case:
    """The newest case about a post."""
    cases = select(Case).join(Post, Post.id == Case.post_id).where(Post.public_id == post_id)
    return db.scalars(cases.order_by(Case.id.desc()).limit(1)).one()


def case_id_of(cast: Cast, post_id: str) -> str:
    with cast.database.reading() as db:
        return case_of(db, post_id).public_id


def decide(cast: Cast, post_id: str, action: Action, moderator: Person | None = None, **more: object) -> None:
    """Let a moderator decide on a post as it stands now."""
    with cast.database.writing() as db:
        case = case_of(db, post_id)
        choice = Choice(action, case.version, **more)  # type: ignore[arg-type]
        decide_case(db, case, (moderator or cast.mo).id, choice, now())


def change(cast: Cast, post_id: str, text: str) -> Posted:
    """Let the author write a new text of a post."""
    with cast.database.writing() as db:
        post = post_row(db, post_id)
        changed = edit_post(db, post, None, text, newest_revision(db, post).number, OPEN_HOUSE, now())
        assert not isinstance(changed, Stale)
        return changed


def report(
    cast: Cast,
    post_id: str,
    by: Person,
    reason: ReportReason = ReportReason.OTHER,
    words: str = "",
    at: datetime | None = None,
) -> None:
    """Let a member report a post."""
    with cast.database.writing() as db:
        report_post(db, post_row(db, post_id), by.id, reason, words, at or now())


def letters_to(cast: Cast, person: Person) -> list[Letter]:
    """All letters to a member, oldest first."""
    with cast.database.reading() as db:
        return list(db.scalars(select(Letter).where(Letter.recipient_id == person.id).order_by(Letter.id)))


def decisions(cast: Cast) -> list[Decision]:
    with cast.database.reading() as db:
        return list(db.scalars(select(Decision).order_by(Decision.id)))


def state_of(cast: Cast, post_id: str) -> str:
    with cast.database.reading() as db:
        return db.scalars(select(Post.state).where(Post.public_id == post_id)).one().value


def open_cases(cast: Cast, post_id: str) -> int:
    with cast.database.reading() as db:
        is_open = (Post.public_id == post_id, Case.state != CaseState.DECIDED)
        return len(db.scalars(select(Case.id).join(Post, Post.id == Case.post_id).where(*is_open)).all())


def now() -> datetime:
    return clock.now()


def viewer_of(person: Person, moderates: bool = False) -> Viewer:
    """A member as the verbs see them; a moderator of all boards when so asked."""
    grants = frozenset({(Role.MODERATOR, None)}) if moderates else frozenset()
    return Viewer(person.id, person.public_id, person.pseudonym, Relation.LOTGENOOT, grants, shows_posts=True)


def settings_for(cast: Cast) -> Settings:
    """The settings of a test that needs no forum."""
    return Settings(_env_file=None, secret_key=SecretStr("x" * 32))
