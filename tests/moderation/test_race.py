"""P53: two moderators, one case. One decision comes of it, whatever the two chose, and the loser hears who was first.

Runs on whichever database the tests were started with; `make test` runs both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Barrier, Thread

from sqlalchemy import select, update

from app.moderation.access import case_for_reading
from app.moderation.claim import CaseMoved
from app.moderation.decide import Choice, decide_case
from app.moderation.reading import read_case
from app.moderation.tables import Action, Case, CaseState, Decision, JournalLine, Letter
from app.posting.edit import edit_post
from app.posting.write import House
from tests.cast import Cast, Person, post_row
from tests.moderation.desk import FIRST_POSTS, careful_board, case_of, now, settings_for, viewer_of

Say = Callable[[str], None]
RACES = 40


@dataclass
class Outcome:
    """What became of one racer."""

    who: str
    won: bool = False
    lost: bool = False
    broke: str = ""


def test_of_two_moderators_one_decides(cast: Cast, say: Say) -> None:
    posts = _posts(cast, RACES)
    dice = Random(53)
    finished: list[tuple[Outcome, Outcome]] = []
    for post in posts:
        pair = (_moderator(cast, post, cast.mo, dice), _moderator(cast, post, cast.mia, dice))
        finished.append(_race(*pair))
    broke = [one.broke for pair in finished for one in pair if one.broke]
    assert not broke, broke[:3]
    winners = [sum(one.won for one in pair) for pair in finished]
    losers = [sum(one.lost for one in pair) for pair in finished]
    assert winners == [1] * RACES
    assert losers == [1] * RACES
    with cast.database.reading() as db:
        decided = db.scalars(select(Decision)).all()
        written = db.scalars(select(JournalLine).where(JournalLine.action.startswith("case."))).all()
        sent = db.scalars(select(Letter).where(Letter.recipient_id == cast.bram.id)).all()
        open_still = db.scalars(select(Case).where(Case.state == CaseState.WAITING)).all()
    assert (len(decided), len(written), len(sent), len(open_still)) == (RACES, RACES, RACES, 0)
    for (first, second), row in zip(finished, sorted(decided, key=lambda one: one.post_id), strict=True):
        winner = first.who if first.won else second.who
        assert row.decided_by_id == {"Mo": cast.mo.id, "Mia": cast.mia.id}[winner]
    _loser_reads_who_was_first(cast, posts[0], finished[0])
    shares = f"Mo won {sum(one.won for one, _ in finished)}, Mia {sum(one.won for _, one in finished)}"
    say(f"P53: {RACES} races of two moderators, {len(decided)} decisions, {len(written)} journal lines; {shares}")


def test_of_a_moderator_and_a_writer_who_changes_the_text_nobody_is_fooled(cast: Cast, say: Say) -> None:
    posts = _posts(cast, RACES // 2)
    decided_on_old = 0
    for post in posts:
        first, second = _race(_moderator(cast, post, cast.mo, Random(1), Action.APPROVE), _writer(cast, post))
        assert not first.broke and not second.broke, first.broke or second.broke
        with cast.database.reading() as db:
            row = post_row(db, post)
            case = case_of(db, post)
            decision = db.scalar(select(Decision).where(Decision.post_id == row.id))
        if first.won:
            # The moderator read text 1, and text 1 is what was placed; a later change is on its own.
            decided_on_old += 1
            assert decision is not None and decision.revision_number == 1
        else:
            assert decision is None
            assert case.state is CaseState.WAITING
            assert (case.revision_number, row.revision_number) == (2, 2)
    say(f"P53: {len(posts)} races of a moderator and a writer; {decided_on_old} decided first, the others got 409")


def test_the_races_would_see_a_decision_that_does_not_ask_first(cast: Cast) -> None:
    """The planted fault: writing down a decision without the condition on version and state."""
    post = _posts(cast, 1)[0]

    def blind(person: Person) -> Callable[[Barrier, Outcome], None]:
        def run(start: Barrier, outcome: Outcome) -> None:
            start.wait()
            with cast.database.writing() as db:
                case = case_of(db, post)
                db.execute(update(Case).where(Case.id == case.id).values(state=CaseState.DECIDED, decided_at=now()))
                db.add(
                    Decision(
                        case_id=case.id,
                        case_version=case.version + person.id,
                        post_id=case.post_id,
                        revision_number=1,
                        decided_by_id=person.id,
                        action=Action.APPROVE,
                        noticed_by="moderator",
                        automatic="nee",
                        decided_at=now(),
                    )
                )
            outcome.won = True

        return run

    pair = _race(blind(cast.mo), blind(cast.mia))
    assert [one.won for one in pair] == [True, True], pair


def _posts(cast: Cast, number: int) -> list[str]:
    board = careful_board(cast)
    thread = cast.thread(board_id=board, author=cast.anna)
    everyone_is_new = House(first_posts_read=10_000)
    return [cast.reply(thread, text_of(one), author=cast.bram, house=everyone_is_new) for one in range(number)]


def text_of(number: int) -> str:
    return f"Antwoord {number} van velen."


def _moderator(
    cast: Cast, post: str, person: Person, dice: Random, action: Action | None = None
) -> Callable[[Barrier, Outcome], None]:
    chosen = action or dice.choice((Action.APPROVE, Action.RETURN, Action.REFUSE))
    with cast.database.reading() as db:
        choice = Choice(chosen, case_of(db, post).version, rule=3, sentences=("van velen.",))

    def run(start: Barrier, outcome: Outcome) -> None:
        outcome.who = person.pseudonym
        start.wait()
        with cast.database.writing() as db:
            case = case_of(db, post)
            decide_case(db, case, person.id, choice, now())
        outcome.won = True

    return run


def _writer(cast: Cast, post: str) -> Callable[[Barrier, Outcome], None]:
    def run(start: Barrier, outcome: Outcome) -> None:
        outcome.who = "Bram"
        start.wait()
        with cast.database.writing() as db:
            edit_post(db, post_row(db, post), None, "Ik schreef het anders op.", 1, FIRST_POSTS, now())
        outcome.won = True

    return run


def _race(*racers: Callable[[Barrier, Outcome], None]) -> tuple[Outcome, Outcome]:
    start = Barrier(len(racers))
    outcomes = [Outcome("") for _ in racers]

    def run(racer: Callable[[Barrier, Outcome], None], outcome: Outcome) -> None:
        try:
            racer(start, outcome)
        except CaseMoved:
            outcome.lost = True
        except Exception as problem:  # the test wants to show it, not lose it in a thread
            outcome.broke = repr(problem)

    threads = [Thread(target=run, args=pair) for pair in zip(racers, outcomes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes[0], outcomes[1]


def _loser_reads_who_was_first(cast: Cast, post: str, pair: tuple[Outcome, Outcome]) -> None:
    winner = next(one.who for one in pair if one.won)
    with cast.database.reading() as db:
        viewer = viewer_of(cast.mia, moderates=True)
        case = case_for_reading(db, viewer, case_of(db, post).public_id)
        page = read_case(db, viewer, case, "nl", settings_for(cast), now())
    assert page.past[0].by == winner
