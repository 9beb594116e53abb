"""P52: a form that is sent twice makes one post, whether one after the other or at the same moment."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from app.kit import clock
from app.kit.errors import Conflict
from app.kit.ids import new_id
from app.posting import routes
from app.posting.once import begin_once, end_once
from app.posting.reply import submit_reply
from app.threads.tables import Post, Revision, Submission
from tests.cast import OPEN_HOUSE, Person, thread_row
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]
AT_ONCE = 10
FORMS = 6
ROUNDS = 100


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do it so often at the same moment."""
    barrier = Barrier(count)

    def go(number: int) -> Any:
        barrier.wait(30)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(go, range(count)))


def posts_with(ground: Ground, words: str) -> list[str]:
    with ground.cast.database.reading() as db:
        found = select(Post.public_id).join(Revision, Revision.post_id == Post.id).where(Revision.text == words)
        return list(db.scalars(found))


def test_ten_at_once_make_one_reply(ground: Ground, say: Say) -> None:
    codes: Counter[int] = Counter()
    for number in range(FORMS):
        words = f"Ik lees mee, voor de {number}e keer."
        browsers = [ground.fresh(ground.cast.bram) for _ in range(AT_ONCE)]
        form = {"text": words, "once": new_id(), "step": "place"}
        address = f"/threads/{ground.thread}/replies"
        answers = at_once(AT_ONCE, lambda i: browsers[i].post(address, form))  # noqa: B023
        codes.update(answer.status_code for answer in answers)
        made = posts_with(ground, words)
        assert len(made) == 1, f"{len(made)} posts of one form"
        places = {answer.headers.get("location") for answer in answers}
        assert len(places) == 1 and made[0] in str(places), places
    assert set(codes) == {303}
    say(f"P52: {FORMS} reply forms sent {AT_ONCE} times at once: {FORMS} posts, {codes[303]} answers point to them")


def test_ten_at_once_make_one_conversation(ground: Ground, say: Say) -> None:
    words = "Wie heeft er ook koude voeten in bed?"
    form = {**ground.filling("send_opening"), "text": words}
    browsers = [ground.fresh(ground.cast.bram) for _ in range(AT_ONCE)]
    answers = at_once(AT_ONCE, lambda i: browsers[i].post("/boards/dagelijks/write", form))
    assert {answer.status_code for answer in answers} == {303} and len(posts_with(ground, words)) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    say(f"P52: an opening sent {AT_ONCE} times at once: 1 conversation")


def test_a_hundred_rounds_of_two_at_once(ground: Ground, say: Say) -> None:
    """The same below the pages: key, post and answer in one transaction."""
    thread, bram = ground.cast.thread(), ground.cast.bram
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        key = new_id()
        twice = at_once(2, lambda i: _reply_once(ground, thread, bram, key, f"Ronde {number}."))  # noqa: B023
        assert len({post for _, post in twice}) == 1, twice
        outcomes.update(what for what, _ in twice)
    with ground.cast.database.reading() as db:
        count = db.scalar(select(func.count(Post.id)).where(Post.thread_id == thread_row(db, thread).id))
    assert count == ROUNDS + 1 and outcomes == {"written": ROUNDS, "known": ROUNDS}
    say(f"P52: {ROUNDS} rounds of 2 at once: {ROUNDS} posts, {outcomes['known']} answers were the stored one")


def _reply_once(ground: Ground, thread_id: str, author: Person, key: str, words: str) -> tuple[str, str]:
    with ground.cast.database.writing() as db:
        earlier = begin_once(db, author.id, key, words, clock.now())
        if earlier is not None:
            return "known", earlier.public_id
        posted = submit_reply(db, thread_row(db, thread_id), author.id, words, None, OPEN_HOUSE, clock.now())
        end_once(db, author.id, key, posted.post)
        return "written", posted.post.public_id


def test_sending_again_later_answers_the_same(ground: Ground) -> None:
    bram = ground.fresh(ground.cast.bram)
    form = {"text": "Ik neem een kruik mee.", "once": new_id()}
    first, second = bram.reply(ground.thread, **form), bram.reply(ground.thread, **form)
    assert (first.status_code, first.headers["location"]) == (second.status_code, second.headers["location"])
    assert len(posts_with(ground, form["text"])) == 1
    bram.reply(ground.thread, **{**form, "once": new_id()})
    assert len(posts_with(ground, form["text"])) == 2, "control: a form of its own is a post of its own"
    nora = ground.fresh(ground.cast.nora)
    assert nora.reply(ground.thread, **form).status_code == 303
    assert len(posts_with(ground, form["text"])) == 3, "a key belongs to one member"


def test_other_words_with_the_same_key_are_kept_and_not_placed(ground: Ground, say: Say) -> None:
    bram, key = ground.fresh(ground.cast.bram), new_id()
    assert bram.reply(ground.thread, "De eerste woorden.", once=key).status_code == 303
    other = bram.reply(ground.thread, "Heel andere <woorden>.", once=key)
    assert other.status_code == 409 and "Heel andere &lt;woorden&gt;." in other.text
    again = re.search(r'action="([^"]*/replies)"', other.text)
    assert again, "the words can be sent again from the page"
    assert not posts_with(ground, "Heel andere <woorden>.") and len(posts_with(ground, "De eerste woorden.")) == 1
    elsewhere = bram.reply(ground.cast.thread(), "De eerste woorden.", once=key)
    assert elsewhere.status_code == 409, "the same words elsewhere are another post"
    browsers = [ground.fresh(ground.cast.bram) for _ in range(AT_ONCE)]
    key, address = new_id(), f"/threads/{ground.thread}/replies"
    answers = at_once(AT_ONCE, lambda i: browsers[i].post(address, {"text": f"Woorden nummer {i}.", "once": key}))
    codes = Counter(answer.status_code for answer in answers)
    assert codes == {303: 1, 409: AT_ONCE - 1}, codes
    kept = [
        i for i, answer in enumerate(answers) if answer.status_code == 409 and f"Woorden nummer {i}." in answer.text
    ]
    assert len(kept) == AT_ONCE - 1
    say(f"P52: {AT_ONCE} other texts with one key at once: 1 post, {len(kept)} others got their text back")


def test_a_refused_form_leaves_its_key_free(ground: Ground) -> None:
    """A form that came to nothing can be sent again: the key went back with the transaction."""
    bram, key = ground.fresh(ground.cast.bram), new_id()
    assert bram.reply(ground.thread, "", once=key).status_code == 422
    assert (
        bram.post(f"/threads/{ground.thread}/replies", {"text": "Nu wel.", "once": key}, token="x").status_code == 403
    )
    with ground.cast.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Submission).where(Submission.key == key)) == 0
    assert bram.reply(ground.thread, "Nu wel.", once=key).status_code == 303


def test_without_the_key_ten_at_once_make_ten(
    ground: Ground,
    monkeypatch: pytest.MonkeyPatch,
    say: Say,
) -> None:
    """Control: the test above does send at once, and sees what would go wrong."""
    monkeypatch.setattr(routes, "_sent_before", lambda *_: None)
    monkeypatch.setattr(routes, "end_once", lambda *_: None)
    browsers = [ground.fresh(ground.cast.bram) for _ in range(AT_ONCE)]
    form = {"text": "Zonder sleutel.", "once": new_id()}
    at_once(AT_ONCE, lambda i: browsers[i].post(f"/threads/{ground.thread}/replies", form))
    assert len(posts_with(ground, "Zonder sleutel.")) == AT_ONCE
    say(f"P52 control: without the key the same test counts {AT_ONCE} posts")


def test_a_key_with_other_words_is_refused_by_the_verb(ground: Ground) -> None:
    thread, key = ground.cast.thread(), new_id()
    _reply_once(ground, thread, ground.cast.bram, key, "Een.")
    with pytest.raises(Conflict):
        _reply_once(ground, thread, ground.cast.bram, key, "Twee.")
