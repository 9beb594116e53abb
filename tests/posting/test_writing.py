"""Writing through the pages: placed, held, blocked, changed, withdrawn; nothing that was typed is lost."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update

from app.boards.tables import Audience, Board, ModerationMode
from app.kit import clock
from app.kit.db import Database
from app.members.tables import MemberSession
from app.moderation.decide import Choice, decide_case
from app.moderation.tables import Action, Case, CaseLabel, CaseReason, CaseState, Letter
from app.notifications.tables import Notification, NotificationKind
from app.posting.write import House
from app.threads.tables import Post, PostState, Revision, Thread
from tests.browser import Browser
from tests.cast import ALL, Cast

ADVICE = "Je moet meteen stoppen met amitriptyline."
DESPAIR = "Soms wil ik niet meer wakker worden."
STORY = "Bij mij hielp een dekenboog. Ik slaap nu iets beter."
HINT = "Wat jij hebt is duidelijk dunnevezelneuropathie."


@pytest.fixture
def cast(forum: FastAPI) -> Cast:
    return Cast(forum.state.database)


@pytest.fixture
def browser(forum: FastAPI) -> Iterator[Browser]:
    yield Browser(forum)


def state_of(database: Database, post_id: str) -> PostState:
    with database.reading() as db:
        return db.scalars(select(Post.state).where(Post.public_id == post_id)).one()


def newest_post(database: Database) -> str:
    with database.reading() as db:
        return db.scalars(select(Post.public_id).order_by(Post.id.desc()).limit(1)).one()


def reasons(database: Database) -> set[CaseReason]:
    with database.reading() as db:
        return set(db.scalars(select(CaseLabel.reason).join(Case).where(Case.state == CaseState.WAITING)))


def test_an_own_story_is_placed_at_once(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    answer = browser.as_(cast.bram).reply(thread, STORY)
    assert answer.status_code == 303 and f"/threads/{thread}#post-" in answer.headers["location"]
    assert STORY in browser.as_(cast.nora).read(f"/threads/{thread}")


def test_a_held_reply_shows_to_its_author_and_moderators_only(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    answer = browser.as_(cast.bram).reply(thread, DESPAIR)
    assert answer.headers["location"].endswith("/sent")
    waiting = browser.as_(cast.bram).read(answer.headers["location"])
    assert "113" in waiting and "wacht op een moderator" in waiting
    assert DESPAIR in browser.as_(cast.bram).read(f"/threads/{thread}")
    assert DESPAIR in browser.as_(cast.mo).read(f"/threads/{thread}")
    for other in (cast.anna, cast.nora, cast.ada):
        assert DESPAIR not in browser.as_(other).read(f"/threads/{thread}")
    assert CaseReason.HELP in reasons(cast.database)


def test_a_blocked_reply_gives_sentence_rule_suggestion_and_the_words_back(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    answer = browser.as_(cast.bram).reply(thread, f"Hoi Anna. {ADVICE} Sterkte!")
    assert answer.status_code == 422
    for part in (
        f"<mark>{ADVICE}</mark>",
        "Regel 1",
        f"Hoi Anna. {ADVICE} Sterkte!",
        "Ik pas hem aan",
        "Laat een moderator kijken",
    ):
        assert part in answer.text
    assert ADVICE not in browser.as_(cast.mo).read("/moderation/queue")
    with cast.database.reading() as db:
        assert db.scalars(select(Letter.kind)).all() == ["tegengehouden"]


def test_a_blocked_reply_can_be_rephrased(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    browser.as_(cast.bram).reply(thread, ADVICE)
    post = newest_post(cast.database)
    answer = browser.as_(cast.bram).post(f"/posts/{post}/edit", {"text": STORY, "seen": 1, "step": "place"})
    assert answer.status_code == 303
    page = browser.as_(cast.nora).read(f"/threads/{thread}")
    assert STORY in page and ADVICE not in page


def test_a_blocked_reply_can_be_shown_to_a_moderator(browser: Browser, cast: Cast) -> None:
    browser.as_(cast.bram).reply(cast.thread(), ADVICE)
    post = newest_post(cast.database)
    answer = browser.as_(cast.bram).post(f"/posts/{post}/ask-moderator")
    assert answer.status_code == 303
    assert state_of(cast.database, post) is PostState.HELD
    assert {CaseReason.REQUEST, CaseReason.RULE} <= reasons(cast.database)
    again = browser.as_(cast.bram).post(f"/posts/{post}/ask-moderator")
    assert again.status_code == 303, "pressing twice is no error"


def test_nobody_else_can_touch_a_post(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY)
    for other in (cast.anna, cast.mo):
        for path in ("edit", "withdraw", "sent"):
            assert browser.as_(other).get(f"/posts/{post}/{path}").status_code == 404
        sent = browser.as_(other).post(f"/posts/{post}/edit", {"text": "Iets anders.", "seen": 1})
        assert sent.status_code == 404
    assert STORY in browser.as_(cast.nora).read(f"/threads/{thread}")


def test_a_changed_text_with_something_new_waits_while_the_old_one_stays(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY)
    answer = browser.as_(cast.bram).post(f"/posts/{post}/edit", {"text": f"{STORY} {HINT}", "seen": 1, "step": "place"})
    assert answer.headers["location"].endswith("/sent")
    others = browser.as_(cast.nora).read(f"/threads/{thread}")
    assert STORY in others and HINT not in others
    assert CaseReason.EDIT in reasons(cast.database)
    assert "De aanpassing wacht op een moderator" in browser.as_(cast.bram).read(f"/threads/{thread}")


def test_a_harmless_change_is_shown_as_edited(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY)
    browser.as_(cast.bram).post(
        f"/posts/{post}/edit", {"text": "Bij mij hielp een dekenboog.", "seen": 1, "step": "place"}
    )
    page = browser.as_(cast.nora).read(f"/threads/{thread}")
    assert "Bij mij hielp een dekenboog." in page and "aangepast" in page
    with cast.database.reading() as db:
        assert db.scalars(select(Revision.number).join(Post).where(Post.public_id == post)).all() == [1, 2]


def test_withdrawing_leaves_an_empty_place_only_when_it_was_answered(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    alone, answered = cast.reply(thread, "Ik lees mee."), cast.reply(thread, STORY)
    cast.reply(thread, "Wat fijn dat je dit deelt.", cast.anna, to=answered)
    for post in (alone, answered):
        assert browser.as_(cast.bram).post(f"/posts/{post}/withdraw").status_code == 303
    page = browser.as_(cast.nora).read(f"/threads/{thread}")
    assert page.count("Ingetrokken door de schrijver") == 1
    assert STORY not in page and "Ik lees mee." not in page
    assert f"post-{alone}" not in page and "Bram" not in page


def test_new_members_wait_three_times_and_then_no_more(forum: FastAPI, cast: Cast) -> None:
    board = cast.make_board("nieuw", mode=ModerationMode.NEW_MEMBERS_FIRST)
    house = House(first_posts_read=3)
    thread = cast.thread(board_id=board)
    first = cast.reply(thread, STORY, house=house)
    assert state_of(cast.database, first) is PostState.HELD
    assert reasons(cast.database) == {CaseReason.NEW_MEMBER}
    for number in range(3):
        cast.reply(thread, f"Ik herken dit ook, keer {number}.")
    assert state_of(cast.database, cast.reply(thread, "En nu weer.", house=house)) is PostState.PUBLISHED


def test_modes_of_boards(cast: Cast) -> None:
    everything = cast.make_board("alles", mode=ModerationMode.EVERYTHING_FIRST)
    threads = cast.make_board("gesprekken", mode=ModerationMode.NEW_THREADS_FIRST)
    cast.thread(board_id=everything)
    assert state_of(cast.database, newest_post(cast.database)) is PostState.HELD
    cast.thread(board_id=threads)
    assert state_of(cast.database, newest_post(cast.database)) is PostState.HELD


def test_followers_hear_of_a_post_when_it_is_placed_and_not_before(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    browser.as_(cast.bram).reply(thread, DESPAIR)
    with cast.database.reading() as db:
        assert db.scalars(select(Notification).where(Notification.kind == NotificationKind.REPLY)).all() == []
    browser.as_(cast.bram).reply(thread, STORY)
    with cast.database.reading() as db:
        told = db.scalars(select(Notification).where(Notification.kind == NotificationKind.REPLY)).all()
    assert [one.member_id for one in told] == [cast.anna.id]


def test_a_naaste_is_refused_kindly_where_only_patients_write(browser: Browser, cast: Cast) -> None:
    patients = frozenset({Audience.LOTGENOOT, Audience.BEING_EXAMINED})
    board = cast.make_board("dvn", readers=ALL, writers=patients)
    thread = cast.thread(board_id=board)
    nora = browser.as_(cast.nora)
    assert "Voor naasten" in nora.read("/boards/dvn")
    answer = nora.reply(thread, "Mijn man heeft dit ook en ik slaap er slecht van.")
    assert answer.status_code == 403
    assert "Mijn man heeft dit ook" in answer.text, "the words come back"
    assert nora.get("/boards/dvn/write").status_code == 403


def test_preview_shows_the_coach_and_places_nothing(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    answer = browser.as_(cast.bram).reply(thread, f"**Hoi.**\n\n{ADVICE}", step="preview")
    assert answer.status_code == 200
    assert "<strong>Hoi.</strong>" in answer.text and f"<mark>{ADVICE}</mark>" in answer.text
    with cast.database.reading() as db:
        assert len(db.scalars(select(Post)).all()) == 1


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 10_001, "[" * 300, "x\n" * 500, "> " * 20 + "x"])
def test_a_text_that_cannot_be_read_is_kept(browser: Browser, cast: Cast, text: str) -> None:
    answer = browser.as_(cast.bram).reply(cast.thread(), text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not text.strip() or text.strip()[:200].replace(">", "&gt;") in answer.text


def test_a_closed_conversation_can_be_read_but_not_answered(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    browser.as_(cast.mo).post(f"/threads/{thread}/moderate", {"act": "lock"})
    bram = browser.as_(cast.bram)
    assert "Dit gesprek is gesloten" in bram.read(f"/threads/{thread}")
    answer = bram.reply(thread, STORY)
    assert answer.status_code == 403 and STORY in answer.text
    assert browser.as_(cast.mo).reply(thread, "We sluiten dit gesprek even.").status_code == 303


def test_a_thread_shown_in_a_second_board_is_one_thread(browser: Browser, cast: Cast) -> None:
    second = cast.make_board("tweede")
    thread = cast.thread()
    mo = browser.as_(cast.mo)
    assert mo.post(f"/threads/{thread}/moderate", {"act": "show_also", "board": "tweede"}).status_code == 303
    assert "Slapen met pijnlijke voeten" in browser.as_(cast.nora).read("/boards/tweede")
    assert "ook in" in browser.as_(cast.nora).read(f"/threads/{thread}")
    with cast.database.reading() as db:
        assert db.scalars(select(Thread.board_id).where(Thread.public_id == thread)).one() != second


def test_a_quote_and_an_answer_to_one_post(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY, cast.anna)
    bram = browser.as_(cast.bram)
    assert f"&gt; {STORY}" in bram.read(f"/threads/{thread}/quote/{post}")
    bram.reply(thread, "Dank je, dat klinkt fijn.", parent=post)
    assert 'data-depth="2"' in browser.as_(cast.nora).read(f"/threads/{thread}")
    other = cast.thread(title="Een ander gesprek over schoenen")
    assert bram.get(f"/threads/{other}/reply/{post}").status_code == 404


def test_a_lasting_address_lands_on_its_page(browser: Browser, cast: Cast, forum: FastAPI) -> None:
    thread = cast.thread()
    posts = [cast.reply(thread, f"Ik herken dit, en dit is nummer {number} van velen.") for number in range(25)]
    place = browser.as_(cast.nora).get(f"/posts/{posts[-1]}").headers["location"]
    assert place == f"/threads/{thread}?page_number=2#post-{posts[-1]}"
    assert f'id="post-{posts[-1]}"' in browser.as_(cast.nora).read(place.partition("#")[0])


def test_words_survive_a_session_that_ended_while_typing(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    bram = browser.as_(cast.bram)
    token = bram.token()
    with cast.database.writing() as db:
        db.execute(delete(MemberSession).where(MemberSession.member_id == cast.bram.id))
    answer = bram.reply(thread, STORY, form_token=token)
    assert answer.status_code == 403 and STORY in answer.text and "Stuur" in answer.text


def test_a_returned_post_cannot_get_round_its_moderator(browser: Browser, cast: Cast) -> None:
    """Returned, then changed into something blocked, then into something harmless: it still waits for a person."""
    thread = cast.thread()
    post = cast.reply(thread, HINT)
    with cast.database.writing() as db:
        case = db.scalars(select(Case)).one()
        decide_case(db, case, cast.mo.id, Choice(Action.RETURN, case.version, 1, (HINT,)), clock.now())
    bram = browser.as_(cast.bram)
    bram.post(f"/posts/{post}/edit", {"text": ADVICE, "seen": 1, "step": "place"})
    assert state_of(cast.database, post) is PostState.BLOCKED
    bram.post(f"/posts/{post}/edit", {"text": STORY, "seen": 2, "step": "place"})
    assert state_of(cast.database, post) is PostState.HELD
    assert CaseReason.RESUBMITTED in reasons(cast.database)


def test_whoever_may_be_in_danger_does_not_leave_the_queue_unseen(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    edited, withdrawn = cast.reply(thread, DESPAIR), cast.reply(thread, f"Het is te veel. {DESPAIR}")
    bram = browser.as_(cast.bram)
    bram.post(f"/posts/{edited}/edit", {"text": ADVICE, "seen": 1, "step": "place"})
    assert state_of(cast.database, edited) is PostState.HELD
    assert "leest het nog wel" in bram.read(f"/posts/{withdrawn}/withdraw")
    bram.post(f"/posts/{withdrawn}/withdraw")
    with cast.database.reading() as db:
        waiting = db.scalars(select(Case).where(Case.state == CaseState.WAITING, Case.urgent)).all()
    assert len(waiting) == 2


def test_a_case_follows_a_harmless_change(browser: Browser, cast: Cast) -> None:
    """A reported post is changed: what a moderator then decides is about the text that is there now."""
    post = cast.reply(cast.thread(), STORY)
    browser.as_(cast.nora).post(f"/posts/{post}/report", {"reason": "unkind", "words": "Dit raakt mij."})
    with cast.database.reading() as db:
        before = db.scalars(select(Case)).one()
    browser.as_(cast.bram).post(f"/posts/{post}/edit", {"text": "Bij mij hielp een deken.", "seen": 1, "step": "place"})
    with cast.database.reading() as db:
        after = db.scalars(select(Case)).one()
    assert (after.revision_number, after.version > before.version) == (2, True)


def test_who_may_not_write_here_any_more_may_not_by_changing_either(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY)
    browser.as_(cast.mo).post(f"/threads/{thread}/moderate", {"act": "lock"})
    answer = browser.as_(cast.bram).post(f"/posts/{post}/edit", {"text": "Iets anders.", "seen": 1, "step": "place"})
    assert answer.status_code == 403 and "Iets anders." in answer.text
    assert browser.as_(cast.bram).post(f"/posts/{post}/withdraw").status_code == 303, "one's words are one's own"


def test_own_words_can_be_taken_back_where_one_no_longer_reads(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, STORY, cast.nora)
    closed = cast.make_board("besloten", readers=frozenset({Audience.LOTGENOOT}))
    with cast.database.writing() as db:
        db.execute(update(Thread).where(Thread.public_id == thread).values(board_id=closed))
    nora = browser.as_(cast.nora)
    assert nora.get(f"/threads/{thread}").status_code == 404
    assert nora.get(f"/posts/{post}/edit").status_code == 403
    assert nora.post(f"/posts/{post}/withdraw").status_code == 303
    assert state_of(cast.database, post) is PostState.WITHDRAWN


def test_the_count_of_news_says_no_more_than_the_page(browser: Browser, cast: Cast) -> None:
    thread = cast.thread(author=cast.nora)
    cast.reply(thread, STORY)
    assert '<span class="dot">' in browser.as_(cast.nora).read("/")
    closed = cast.make_board("besloten", readers=frozenset({Audience.LOTGENOOT}))
    with cast.database.writing() as db:
        db.execute(update(Thread).where(Thread.public_id == thread).values(board_id=closed, author_id=None))
    assert '<span class="dot">' not in browser.as_(cast.nora).read("/")


def test_a_board_that_explains_medicines_says_so_under_each_story(browser: Browser, cast: Cast) -> None:
    with cast.database.writing() as db:
        db.execute(update(Board).where(Board.id == cast.board).values(explains_medicines=True))
    thread = cast.thread()
    cast.reply(thread, "Ik slik al jaren pregabaline en word er suf van.")
    cast.reply(thread, "Ik lees je.")
    assert browser.as_(cast.nora).read(f"/threads/{thread}").count("Dit is één persoonlijk verhaal") == 1
