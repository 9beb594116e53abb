"""What can be decided, when, and what comes of it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kit.errors import Conflict
from app.moderation.access import Involvement, may_decide
from app.moderation.claim import CaseMoved, claim_case, release_case
from app.moderation.decide import (
    RESTRICTING,
    Choice,
    decide_case,
    letter_kind,
    occurs,
    possible_actions,
    preview_letter,
    read_judged,
    texts_for,
    wrong_in,
)
from app.moderation.queue import close_case, open_case
from app.moderation.tables import Action, Case, CaseLabel, CaseReason, CaseState, JournalLine, ReportReason
from app.threads.lifecycle import MOVES
from app.threads.tables import PostState, Revision
from tests.cast import Cast, post_row
from tests.moderation.desk import (
    PHONE,
    PLAIN,
    case_of,
    change,
    decide,
    decisions,
    held_reply,
    letters_to,
    now,
    report,
    state_of,
)

Say = Callable[[str], None]
MOVED_TO = {
    Action.APPROVE: PostState.PUBLISHED,
    Action.RETURN: PostState.RETURNED,
    Action.REFUSE: PostState.REFUSED,
    Action.HIDE: PostState.HIDDEN,
    Action.RESTORE: PostState.PUBLISHED,
}


def test_every_action_that_is_offered_is_a_move_that_exists(say: Say) -> None:
    checked = 0
    for state, is_change in product(PostState, (False, True)):
        for action in possible_actions(state, 1, 2 if is_change else 1):
            checked += 1
            stays = action is Action.KEEP or (is_change and state is not PostState.HELD and action is not Action.HIDE)
            if not (stays and action is not Action.RESTORE):
                assert MOVED_TO[action] in MOVES[state], (state, action)
    assert Action.APPROVE not in possible_actions(PostState.WITHDRAWN, 1, 1), "control: nothing for what is gone"
    say(f"decisions: {checked} offered in {len(PostState) * 2} situations, all of them moves that exist")


@pytest.mark.parametrize("action", sorted(RESTRICTING))
def test_a_restriction_needs_a_rule_and_words_of_the_post(action: Action) -> None:
    revision = Revision(title="Een titel hier", text="Eerste zin.\nTweede  zin.")
    whole = Choice(action, 1, rule=1, sentences=("Tweede zin.",))
    assert not wrong_in(whole, revision)
    assert not wrong_in(Choice(action, 1, rule=1, sentences=("titel hier",)), revision)
    assert set(wrong_in(Choice(action, 1), revision)) == {"other_sentence", "rule"}
    assert set(wrong_in(Choice(action, 1, rule=1, sentences=("Derde zin.",)), revision)) == {"other_sentence"}
    assert not occurs("  ", revision)


@pytest.mark.parametrize("action", sorted(set(Action) - RESTRICTING))
def test_what_restricts_nobody_needs_neither(action: Action) -> None:
    assert not wrong_in(Choice(action, 1), Revision(title=None, text="x"))


def test_nobody_with_a_part_in_it_decides(say: Say) -> None:
    every = [Involvement(*flags) for flags in product((False, True), repeat=3)]
    allowed = [one for one in every if may_decide(one)]
    assert allowed == [Involvement()]
    assert all(may_decide(one).reason for one in every if one != Involvement())
    say(f"own case: {len(every) - 1} of {len(every)} kinds of part refused, with a reason; control: no part, allowed")


def test_whoever_writes_in_despair_gets_a_letter_of_care() -> None:
    assert letter_kind(Choice(Action.REFUSE, 1, rule=10)) == "zorg_niet_geplaatst"
    assert letter_kind(Choice(Action.RETURN, 1, rule=10)) == "zorg_niet_geplaatst"
    assert letter_kind(Choice(Action.REFUSE, 1, rule=3)) == "niet_geplaatst"
    assert letter_kind(Choice(Action.KEEP, 1)) is None


def test_a_post_has_one_open_case(cast: Cast) -> None:
    post = held_reply(cast)
    with cast.database.writing() as db:
        row, case = post_row(db, post), case_of(db, post)
        again = open_case(db, row, 1, row.thread.board_id, [(CaseReason.REPORT, 3)], False, now())
        assert again.id == case.id
        assert again.version == 2
    with pytest.raises(IntegrityError), cast.database.writing() as db:
        row = post_row(db, post)
        fields = {"state": CaseState.WAITING, "opened_at": now(), "waiting_since": now()}
        db.add(Case(post_id=row.id, revision_number=1, board_id=row.thread.board_id, **fields))
        db.flush()
    with cast.database.writing() as db:
        row = post_row(db, post)
        close_case(db, row, now())
        fresh = open_case(db, row, 1, row.thread.board_id, [(CaseReason.RULE, 1)], False, now())
        assert fresh.id != case.id, "control: after the first is closed a second one may be"


def test_a_claim_lapses_and_is_renewed(cast: Cast) -> None:
    post, start = held_reply(cast), now()
    with cast.database.writing() as db:
        case = case_of(db, post)
        claim_case(db, case, cast.mo.id, 20, start)
        with pytest.raises(CaseMoved):
            claim_case(db, case, cast.mia.id, 20, start + timedelta(minutes=19))
        claim_case(db, case, cast.mo.id, 20, start + timedelta(minutes=19))
        with pytest.raises(CaseMoved):
            claim_case(db, case, cast.mia.id, 20, start + timedelta(minutes=38))
        release_case(db, case, cast.mia.id)
        claim_case(db, case, cast.mia.id, 20, start + timedelta(minutes=39))
        assert case.claimed_by_id == cast.mia.id
        with pytest.raises(CaseMoved):
            decide_case(db, case, cast.mo.id, Choice(Action.APPROVE, case.version), start + timedelta(minutes=40))
        decide_case(db, case, cast.mo.id, Choice(Action.APPROVE, case.version), start + timedelta(minutes=60))
        assert (case.claimed_by_id, case.state) == (None, CaseState.DECIDED)


def test_a_decision_that_does_not_fit_undoes_everything(cast: Cast) -> None:
    post = held_reply(cast)
    with pytest.raises(Conflict):
        decide(cast, post, Action.RESTORE)
    assert state_of(cast, post) == "held"
    with cast.database.reading() as db:
        assert case_of(db, post).version == 1
    assert not decisions(cast)


@pytest.mark.parametrize(
    ("action", "kind", "state"),
    [
        (Action.APPROVE, "geplaatst", "published"),
        (Action.RETURN, "terug", "returned"),
        (Action.REFUSE, "niet_geplaatst", "refused"),
    ],
)
def test_a_decision_moves_the_post_and_writes_a_letter_and_a_line(
    cast: Cast, action: Action, kind: str, state: str
) -> None:
    post = held_reply(cast)
    decide(cast, post, action, rule=3, sentences=(PLAIN,), explanation="Daarom.")
    assert state_of(cast, post) == state
    assert [letter.kind for letter in letters_to(cast, cast.bram)] == [kind]
    with cast.database.reading() as db:
        line = db.scalars(select(JournalLine).where(JournalLine.action == f"case.{action}")).one()
    assert line.actor_id == cast.mo.id
    assert line.before.startswith("held:")
    assert line.after.startswith(f"{state}:")
    assert PLAIN not in str(vars(line))


def test_a_placed_post_keeps_the_moment_it_was_written(cast: Cast) -> None:
    post = held_reply(cast)
    with cast.database.reading() as db:
        written = post_row(db, post).written_at
    decide(cast, post, Action.APPROVE)
    with cast.database.reading() as db:
        row = post_row(db, post)
    assert row.written_at == written
    assert row.position == 2


STAYS = "Het valt toch allemaal wel mee."


def reported_and_changed(cast: Cast) -> str:
    """A published post that Nora reported, after which Bram wrote a text that waits."""
    post = cast.reply(cast.thread(), STAYS, author=cast.bram)
    report(cast, post, cast.nora, ReportReason.UNKIND, "Zij huilde.")
    change(cast, post, f"Ik zeg het anders. {PHONE}")
    return post


@pytest.mark.parametrize(
    ("action", "shown"),
    [(Action.APPROVE, 2), (Action.RETURN, 1), (Action.REFUSE, 1)],
    ids=["approve", "return", "refuse"],
)
def test_a_report_outlives_a_decision_on_a_change(cast: Cast, action: Action, shown: int) -> None:
    post = reported_and_changed(cast)
    decide(cast, post, action, rule=6, sentences=(PHONE,))
    with cast.database.reading() as db:
        case = case_of(db, post)
        reasons = {label.reason for label in db.scalars(select(CaseLabel).where(CaseLabel.case_id == case.id))}
    assert (case.state, case.decided_at, case.revision_number) == (CaseState.WAITING, None, shown)
    assert reasons == {CaseReason.REPORT}
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen"], "she hears later"
    decide(cast, post, Action.KEEP, explanation="We lazen het.")
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen", "melding_nee"]
    assert [one.revision_number for one in decisions(cast)] == [2, shown]


def test_a_change_that_nobody_reported_is_decided_at_once(cast: Cast) -> None:
    post = cast.reply(cast.thread(), STAYS, author=cast.bram)
    change(cast, post, f"Ik zeg het anders. {PHONE}")
    decide(cast, post, Action.REFUSE, rule=6, sentences=(PHONE,))
    with cast.database.reading() as db:
        assert case_of(db, post).state is CaseState.DECIDED


def test_a_post_can_be_hidden_for_what_others_read_while_a_change_waits(cast: Cast) -> None:
    post = reported_and_changed(cast)
    with cast.database.reading() as db:
        case = case_of(db, post)
        judged = read_judged(db, case, post_row(db, post))
        hide = Choice(Action.HIDE, case.version, rule=3, sentences=(STAYS,))
        assert not wrong_in(hide, *texts_for(judged, hide.action))
        refuse = Choice(Action.REFUSE, case.version, rule=3, sentences=(STAYS,))
        assert wrong_in(refuse, *texts_for(judged, refuse.action)), "control: a change is refused for its own words"
        previewed = preview_letter(db, judged, hide, now())
    assert previewed is not None and STAYS in previewed.text
    decide(cast, post, Action.HIDE, rule=3, sentences=(STAYS,))
    assert state_of(cast, post) == "hidden"
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen", "melding_ja"]
    assert [one.revision_number for one in decisions(cast)] == [1]
    with cast.database.reading() as db:
        assert case_of(db, post).state is CaseState.DECIDED
