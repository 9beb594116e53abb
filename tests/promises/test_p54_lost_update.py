"""P54: who changes an older text overwrites nothing: they get their own words back, beside the newer ones."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.posting import edit
from app.threads.tables import Post, Revision
from tests.promises.test_p52_double_submit import at_once
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]
RACES = 50


def texts_of(ground: Ground, post_id: str) -> list[str]:
    """All texts of a post, oldest first."""
    with ground.cast.database.reading() as db:
        of_post = select(Revision.text).join(Post, Post.id == Revision.post_id).where(Post.public_id == post_id)
        return list(db.scalars(of_post.order_by(Revision.number)))


def test_of_two_changes_at_once_one_wins_and_none_is_lost(ground: Ground, say: Say) -> None:
    devices = (ground.fresh(ground.cast.bram), ground.fresh(ground.cast.bram))
    kept = 0
    codes: Counter[int] = Counter()
    for number in range(RACES):
        post = ground.cast.reply(ground.thread, f"Het begin van {number}.", author=ground.cast.bram)
        texts = (f"Van de telefoon, {number}.", f"Van de laptop, {number}.")
        answers = at_once(2, lambda i: devices[i].post(f"/posts/{post}/edit", {"text": texts[i], "seen": "1"}))  # noqa: B023
        codes.update(answer.status_code for answer in answers)
        winner = 0 if answers[0].status_code == 303 else 1
        late = answers[1 - winner]
        assert (answers[winner].status_code, late.status_code) == (303, 409), codes
        assert texts_of(ground, post) == [f"Het begin van {number}.", texts[winner]], "nothing is overwritten"
        assert texts[0] in late.text and texts[1] in late.text, "both stand on the page"
        assert 'name="seen" value="2"' in late.text, "and one can go on from there"
        kept += 1
    say(f"P54: {RACES} races of two changes: {codes[303]} written, {kept} of {codes[409]} late ones kept beside it")


def test_an_old_text_sent_late_is_kept_and_can_be_sent_after_looking(ground: Ground, say: Say) -> None:
    bram = ground.fresh(ground.cast.bram)
    post = ground.cast.reply(ground.thread, "Het begin.", author=ground.cast.bram)
    address = f"/posts/{post}/edit"
    for number in range(1, 11):
        assert bram.post(address, {"text": f"Versie {number + 1}.", "seen": str(number)}).status_code == 303
    stale = [0, *range(1, 11), 12, 99_999]
    for seen in stale:
        late = bram.post(address, {"text": "Een oude tekst <3.", "seen": str(seen)})
        assert late.status_code == 409, seen
        assert "Een oude tekst &lt;3." in late.text and "Versie 11." in late.text, seen
    assert len(texts_of(ground, post)) == 11
    assert bram.post(address, {"text": "Een oude tekst <3.", "seen": "11"}).status_code == 303, "control"
    assert texts_of(ground, post)[-1] == "Een oude tekst <3."
    say(f"P54: {len(stale)} stale changes, 0 written, all kept; control: the same words after looking are")


def test_a_verb_that_asks_no_version_is_noticed(
    ground: Ground,
    monkeypatch: pytest.MonkeyPatch,
    say: Say,
) -> None:
    """Control: without the question which text was seen, the later one simply wins."""
    careful = edit.edit_post

    def careless(db, post, title, text, seen_number, house, now):  # type: ignore[no-untyped-def]
        return careful(db, post, title, text, edit.newest_revision(db, post).number, house, now)

    monkeypatch.setattr("app.posting.routes.edit_post", careless)
    post = ground.cast.reply(ground.thread, "Het begin.", author=ground.cast.bram)
    bram = ground.fresh(ground.cast.bram)
    codes = [bram.post(f"/posts/{post}/edit", {"text": text, "seen": "1"}).status_code for text in ("Een.", "Twee.")]
    assert codes == [303, 303] and texts_of(ground, post)[-1] == "Twee."
    say("P54 control: a careless verb overwrites 1 of 1, and is noticed")
