"""`cafe seed`: the example café through the verbs of the pages, once, and what visitors then find in it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.boards.listing import read_menu
from app.boards.tables import Board
from app.example.accounts import EXAMPLE_PASSWORD, email_of
from app.example.seed import seed
from app.example.story import read_story
from app.kit import clock
from app.kit.db import Database
from app.kit.mail import Mail
from app.members import passwords
from app.members.tables import Consent, Member, Purpose, Relation, Role, RoleGrant
from app.members.viewer import Viewer
from app.moderation.tables import Action, Case, CaseState, Decision, Letter
from app.notifications.tables import Notification
from app.threads.tables import Post, PostState, Revision, Thread
from app.threads.visibility import readable_threads

NOW = clock.now()


@pytest.fixture(scope="module")
def cafe(fresh_database, tmp_path_factory):
    """The example café, written once for all tests here; nothing below changes it."""
    from app.kit.settings import Settings

    folder = tmp_path_factory.mktemp("seed")
    settings = Settings(
        _env_file=None, base_url="https://cafe.example", secret_key="only-for-the-tests-only-for-the-tests",
        database_url=fresh_database(folder), var=folder,
    )  # fmt: skip
    database = Database(settings.database_url)
    with database.writing() as db:
        seeded = seed(db, settings, NOW)
    yield database, settings, seeded
    database.close()


@pytest.fixture
def db(cafe):
    with cafe[0].reading() as db:
        yield db


def viewer_of(db, member_id: str) -> Viewer:
    told = read_story().member(member_id)
    member = db.scalars(select(Member).where(Member.email == email_of(told))).one()
    return Viewer(member.id, relation=member.relation, shows_posts=True)


def test_guard_and_example_cafe_agree(cafe, say):
    seeded = cafe[2]
    say(f"example café: {len(seeded.stopped)} of {seeded.posts} posts stopped, {len(seeded.missed)} cases missed")
    assert not seeded.stopped, "\n".join(seeded.stopped)
    assert not seeded.missed, "\n".join(seeded.missed)


def test_everything_is_there(cafe, db):
    seeded = cafe[2]
    assert (seeded.members, seeded.boards) == (37, 14)
    assert seeded.threads >= 73 and seeded.posts >= 650 and seeded.cases >= 20
    assert db.scalar(select(func.count(Member.id)).where(Member.confirmed_at.is_(None))) == 0
    assert "37 members" in str(seeded) and EXAMPLE_PASSWORD in str(seeded)


def test_writing_it_twice_writes_it_once(cafe):
    database, settings, seeded = cafe
    with database.writing() as db:
        again = seed(db, settings, NOW + timedelta(days=3))
        assert again.was_there and db.scalar(select(func.count(Post.id))) == seeded.posts


def test_nothing_lies_in_the_future_or_before_its_time(db):
    assert db.scalar(select(func.max(Post.written_at))) <= NOW
    assert db.scalar(select(func.max(Decision.decided_at))) <= NOW
    joined = select(Post.id).join(Post.author).where(Post.written_at < Member.joined_at)
    assert db.scalars(joined).all() == []
    parent = select(Post.id, Post.written_at).subquery()
    early = select(Post.id).join(parent, parent.c.id == Post.parent_id).where(Post.written_at < parent.c.written_at)
    assert db.scalars(early).all() == []


def test_every_conversation_reads_in_order_of_time(db):
    rows = db.execute(
        select(Post.thread_id, Post.published_at)
        .where(Post.position.is_not(None))
        .order_by(Post.thread_id, Post.position)
    ).all()
    assert rows == sorted(rows)


def test_the_edited_say_so(db):
    assert db.scalar(select(func.count(Post.id)).where(Post.edited_at.is_not(None))) >= 5


def test_the_queue_has_work_of_every_kind(db):
    waiting = db.scalars(select(Case).where(Case.state == CaseState.WAITING)).all()
    assert len(waiting) >= 5
    claimed = [case for case in waiting if case.claimed_until is not None and case.claimed_until > NOW]
    assert 1 <= len(claimed) < len(waiting)
    assert set(db.scalars(select(Decision.action))) >= set(Action) - {Action.BLOCK}
    states = set(db.scalars(select(Post.state)))
    assert {PostState.HELD, PostState.REFUSED, PostState.WITHDRAWN, PostState.PUBLISHED} <= states


def test_nobody_decided_on_their_own(db):
    own = select(Decision.id).join(Post, Post.id == Decision.post_id).where(Post.author_id == Decision.decided_by_id)
    assert db.scalars(own).all() == []


def test_whoever_was_decided_about_has_a_letter(db):
    lettered = select(Letter.decision_id).where(Letter.decision_id.is_not(None))
    without = select(Decision.action).where(Decision.id.not_in(lettered))
    assert set(db.scalars(without)) <= {Action.KEEP}


def test_no_mail_leaves_for_people_who_do_not_exist(db):
    assert db.scalar(select(func.count(Mail.id))) > 10
    assert db.scalar(select(func.count(Mail.id)).where(Mail.sent_at.is_(None))) == 0
    assert set(db.scalars(select(Mail.text))) == {""}


def test_a_visitor_is_not_met_by_a_hundred_notes(db):
    unread = select(func.count(Notification.id)).where(Notification.read_at.is_(None)).group_by(Notification.member_id)
    assert all(count <= 20 for count in db.scalars(unread))


def test_members_can_sign_in_and_said_yes(cafe, db):
    marja = db.scalars(select(Member).where(Member.email == "marja@voorbeeld.example")).one()
    assert passwords.fits(cafe[1].secret, marja.password_hash, EXAMPLE_PASSWORD)
    said = set(db.scalars(select(Consent.purpose).where(Consent.member_id == marja.id)))
    assert said == set(Purpose)
    lotte = db.scalars(select(Member).where(Member.email == "lotte@voorbeeld.example")).one()
    assert lotte.relation is Relation.BEING_EXAMINED
    ineke = (
        select(RoleGrant.role).join(Member, Member.id == RoleGrant.member_id).where(Member.email.startswith("ineke@"))
    )
    assert set(db.scalars(ineke)) == {Role.ADMINISTRATOR, Role.MODERATOR}


def test_kees_and_marja_each_have_a_room_of_their_own(db):
    titles = {thread.id: thread.title for thread in read_story().threads}
    kees, marja = viewer_of(db, "kees"), viewer_of(db, "marja")

    def reads(viewer: Viewer, thread_id: str) -> bool:
        found = select(Thread.id).where(Thread.title == titles[thread_id], readable_threads(viewer))
        return db.scalar(found) is not None

    assert reads(marja, "aanraken") and not reads(kees, "aanraken")
    assert reads(kees, "jezelf") and not reads(marja, "jezelf")
    assert reads(kees, "voeten-vraag") and reads(marja, "voeten-vraag")
    assert db.scalar(select(func.count(Thread.id)).where(readable_threads(Viewer()))) == 0


def test_each_relation_has_its_own_menu_card(db):
    def boards(member_id: str) -> set[str]:
        return {board.slug for section in read_menu(db, viewer_of(db, member_id)) for board in section.boards}

    every = set(db.scalars(select(Board.slug)))
    assert boards("marja") == every - {"naasten-onder-elkaar"}
    assert boards("kees") == boards("moedervan") == every - {"dvn-onder-ons"}
    assert read_menu(db, Viewer()) == ()


def test_what_was_stopped_is_nowhere_to_be_read(db):
    story = read_story()
    shown = set(
        db.scalars(
            select(Revision.text)
            .join(Post, (Post.id == Revision.post_id) & (Post.revision_number == Revision.number))
            .where(Post.state == PostState.PUBLISHED)
        )
    )
    stopped = [case.text for case in story.cases if case.expected_guard_action != "publish"]
    assert len(stopped) >= 15 and not shown & set(stopped)
