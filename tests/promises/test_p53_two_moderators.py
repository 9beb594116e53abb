"""P53: two moderators who decide on one case at the same moment make one decision; the other hears who and when."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import cycle

import pytest
from sqlalchemy import func, select, update

from app.kit import clock
from app.moderation import decide, routes
from app.moderation.claim import CaseMoved
from app.moderation.decide import Choice, decide_case
from app.moderation.tables import Action, Case, Decision, JournalLine, Letter
from app.threads.tables import Post
from tests.moderation.desk import case_id_of, case_of
from tests.promises.test_p52_double_submit import at_once
from tests.promises.test_p64_ground import Ground, the_ground  # noqa: F401

Say = Callable[[str], None]
PAGES = 40  # races through the pages
VERBS = 80  # races of the verb itself, for each pair
SENTENCE = "Ik zet een stoel naast de jouwe."
APPROVE = {"action": "approve"}
RETURN = {"action": "return", "rule": "3", "other_sentence": SENTENCE, "explanation": "Zeg het anders."}
REFUSE = {"action": "refuse", "rule": "3", "other_sentence": SENTENCE, "explanation": "Dit past hier niet."}
PAIRS = ((APPROVE, APPROVE), (APPROVE, REFUSE), (RETURN, APPROVE), (REFUSE, RETURN))


def decisions_about(ground: Ground, case_id: str) -> tuple[int, int]:
    """How many decisions and lines in the journal there are about a case."""
    with ground.cast.database.reading() as db:
        case = db.scalars(select(Case).where(Case.public_id == case_id)).one()
        decided = db.scalar(select(func.count(Decision.id)).where(Decision.case_id == case.id))
        of_case = (JournalLine.case_id == case.id, JournalLine.action.like("case.%"))
        return decided or 0, db.scalar(select(func.count(JournalLine.id)).where(*of_case)) or 0


def test_through_the_pages_one_decides_and_the_other_hears_of_it(ground: Ground, say: Say) -> None:
    pair = (ground.fresh(ground.cast.mo), ground.fresh(ground.cast.mia))
    codes: Counter[int] = Counter()
    winners: Counter[str] = Counter()
    for _, forms in zip(range(PAGES), cycle(PAIRS), strict=False):
        case = case_id_of(ground.cast, ground.held(ground.cast.bram))
        address = f"/moderation/cases/{case}/decide"
        answers = at_once(2, lambda i: pair[i].post(address, {"case_version": "1", **forms[i]}))  # noqa: B023
        both = sorted(answer.status_code for answer in answers)
        codes.update(both)
        assert both == [303, 409], (both, forms)
        winner, loser = ("Mo", 1) if answers[0].status_code == 303 else ("Mia", 0)
        winners[winner] += 1
        if forms[1 - loser]["action"] != "return":
            assert re.search(rf"Al besloten door {winner} om \d\d:\d\d", answers[loser].text), answers[loser].text
        if "explanation" in forms[loser] and "<textarea" in answers[loser].text:
            assert forms[loser]["explanation"] in answers[loser].text, "what the other typed is kept"
        assert decisions_about(ground, case) == (1, 1)
    say(f"P53: {PAGES} races through the pages: {codes[303]} decisions, {codes[409]} told who and when, 0 errors")


@pytest.mark.parametrize("other", [Action.REFUSE, Action.RETURN])
def test_below_the_pages_one_decides(ground: Ground, other: Action, say: Say) -> None:
    cast, outcomes = ground.cast, Counter[str]()
    choices = (
        Choice(Action.APPROVE, 1),
        Choice(other, 1, rule=3, sentences=(SENTENCE,), explanation="Dit past hier niet."),
    )
    posts = [ground.held(cast.bram) for _ in range(VERBS)]

    def decide_one(post: str, number: int) -> str:
        try:
            with cast.database.writing() as db:
                decide_case(db, case_of(db, post), (cast.mo.id, cast.mia.id)[number], choices[number], clock.now())
        except CaseMoved:
            return "too late"
        return "decided"

    for post in posts:
        both = at_once(2, lambda i: decide_one(post, i))  # noqa: B023
        assert sorted(both) == ["decided", "too late"], both
        outcomes.update(both)
        assert decisions_about(ground, case_id_of(cast, post)) == (1, 1)
    with cast.database.reading() as db:
        letters = db.scalar(
            select(func.count(Letter.id)).join(Post, Post.id == Letter.post_id).where(Post.public_id.in_(posts))
        )
    assert letters == VERBS, "one letter each"
    say(
        f"P53: {VERBS} races of approve and {other.value}: {outcomes['decided']} decisions,"
        f" {VERBS} lines, {letters} letters"
    )


def test_two_who_take_up_one_case(ground: Ground, say: Say) -> None:
    pair, names = (ground.fresh(ground.cast.mo), ground.fresh(ground.cast.mia)), ("Mo", "Mia")
    races = 20
    for _ in range(races):
        case = case_id_of(ground.cast, ground.held(ground.cast.bram))
        answers = at_once(2, lambda i: pair[i].post(f"/moderation/cases/{case}/claim"))  # noqa: B023
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        loser = 0 if answers[0].status_code == 409 else 1
        assert f"{names[1 - loser]} kijkt" in answers[loser].text
    say(f"P53: {races} races to take up a case: each has one holder")


def test_a_decision_that_asks_nothing_is_noticed(
    ground: Ground,
    monkeypatch: pytest.MonkeyPatch,
    say: Say,
) -> None:
    """Control: a careless verb that looks first and writes afterwards makes two decisions in the same race."""

    def careless(db: object, case: Case, member_id: int, choice: Choice, now: object) -> object:
        db.execute(update(Case).where(Case.id == case.id).values(version=choice.case_version))  # type: ignore[attr-defined]
        line = JournalLine(at=now, actor_id=member_id, action="case.approve", case_id=case.id)
        db.add(line)  # type: ignore[attr-defined]
        return line

    monkeypatch.setattr(routes, "decide_case", careless)
    pair = (ground.fresh(ground.cast.mo), ground.fresh(ground.cast.mia))
    case = case_id_of(ground.cast, ground.held(ground.cast.bram))
    answers = at_once(2, lambda i: pair[i].post(f"/moderation/cases/{case}/decide", {"case_version": "1", **APPROVE}))
    assert [answer.status_code for answer in answers] == [303, 303] and decisions_about(ground, case)[1] == 2
    assert decide.decide_case is decide_case
    say("P53 control: a careless verb makes 2 decisions in 1 race, and is noticed")
