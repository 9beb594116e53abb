"""Who may read and write in a board: the query and the predicate are two tellings of one rule."""

from dataclasses import replace
from itertools import chain, combinations

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.boards.access import (
    CONSENT_FIRST,
    ONLY_CLOSE_ONES_WRITE,
    ONLY_PATIENTS_WRITE,
    ONLY_SOME_WRITE,
    SIGN_IN_TO_WRITE,
    BoardRights,
    board_for_reading,
    board_for_writing,
    may_read_board,
    may_write_in_board,
    readable_boards,
    rights_of,
    writable_boards,
)
from app.boards.listing import read_menu, read_section, who_reads
from app.boards.tables import Audience, Board, BoardAccess, ModerationMode, Section
from app.kit.db import Base, Database
from app.kit.errors import Forbidden, NotFound
from app.members.tables import Relation, Role
from app.members.viewer import GUEST, Viewer
from app.tables import all_tables

assert all_tables

RELATIONS = (None, *Relation)
GRANTS = {
    "no role": frozenset(),
    "moderates board 1": frozenset({(Role.MODERATOR, 1)}),
    "moderates all": frozenset({(Role.MODERATOR, None)}),
    "administers": frozenset({(Role.ADMINISTRATOR, None)}),
}
VIEWERS = [
    Viewer(member_id=relation and 7, relation=relation, grants=grants, shows_posts=shows)
    for relation in RELATIONS
    for grants in (GRANTS.values() if relation else [frozenset()])
    for shows in ((True, False) if relation else (False,))
]
EVERY_SET = [frozenset(one) for one in chain.from_iterable(combinations(Audience, n) for n in range(6))]


@pytest.fixture(scope="module")
def boards(tmp_path_factory):
    """A board for every set of readers, each with every reader writing, none, or only the first."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('boards')}/boards.sqlite3")
    Base.metadata.create_all(database.engine)
    with database.writing() as db:
        db.add(Section(slug="wide", title="Wide", description="", position=1))
        db.add(Section(slug="hidden", title="Hidden", description="", position=2))
        db.flush()
        place = 0
        for readers in EVERY_SET:
            for writers in {readers, frozenset(), frozenset(sorted(readers)[:1]), readers & {Audience.LOTGENOOT}}:
                place += 1
                db.add(
                    Board(
                        id=place, section_id=2 if readers == {Audience.NAASTE} else 1, slug=f"board-{place}",
                        title=f"Board {place}", description="", position=place,
                        moderation_mode=ModerationMode.GUARD_ONLY,
                    )
                )  # fmt: skip
                db.flush()
                for audience in readers:
                    db.add(BoardAccess(board_id=place, audience=audience, may_write=audience in writers))
    with database.reading() as db:
        yield db
    database.close()


@pytest.mark.parametrize(
    "viewer", VIEWERS, ids=lambda one: f"{one.relation}-{sorted(one.grants, key=str)}-{one.shows_posts}"
)
def test_query_and_predicate_agree(boards: Session, viewer: Viewer):
    read, written = set(boards.scalars(readable_boards(viewer))), set(boards.scalars(writable_boards(viewer)))
    ids = list(boards.scalars(select(Board.id)))
    rights = {board_id: rights_of(boards, board_id) for board_id in ids}
    assert read == {one for one in ids if may_read_board(viewer, rights[one].readers, one)}
    assert written == {one for one in ids if may_write_in_board(viewer, rights[one])}
    assert written <= read


def test_the_table_holds_every_kind_of_board(boards: Session):
    """The positive control: a rule that always says yes, or always no, would fail above."""
    ids = set(boards.scalars(select(Board.id)))
    assert len(ids) > len(EVERY_SET) and len(VIEWERS) == 1 + 4 * 4 * 2
    for viewer in VIEWERS:
        if not viewer.moderates_all:
            assert set() < set(boards.scalars(readable_boards(viewer))) < ids
    assert set(boards.scalars(readable_boards(VIEWERS[5]))) == ids and VIEWERS[5].moderates_all


PATIENTS_WRITE = BoardRights(1, frozenset(Audience) - {Audience.GUEST}, frozenset({Audience.LOTGENOOT}))
CLOSE_WRITE = BoardRights(1, frozenset(Audience), frozenset({Audience.NAASTE, Audience.PARENT}))


@pytest.mark.parametrize(
    ("viewer", "rights", "reason"),
    [
        (GUEST, CLOSE_WRITE, SIGN_IN_TO_WRITE),
        (Viewer(1, relation=Relation.NAASTE, shows_posts=True), PATIENTS_WRITE, ONLY_PATIENTS_WRITE),
        (Viewer(1, relation=Relation.PARENT, shows_posts=True), PATIENTS_WRITE, ONLY_PATIENTS_WRITE),
        (Viewer(1, relation=Relation.BEING_EXAMINED, shows_posts=True), PATIENTS_WRITE, ONLY_SOME_WRITE),
        (Viewer(1, relation=Relation.LOTGENOOT, shows_posts=True), CLOSE_WRITE, ONLY_CLOSE_ONES_WRITE),
        (
            Viewer(1, relation=Relation.LOTGENOOT, shows_posts=True),
            replace(CLOSE_WRITE, writers=frozenset()),
            ONLY_SOME_WRITE,
        ),
        (Viewer(1, relation=Relation.LOTGENOOT), PATIENTS_WRITE, CONSENT_FIRST),
    ],
)
def test_a_no_says_why(viewer, rights, reason):
    assert may_write_in_board(viewer, rights).reason == reason


def test_the_doors_keep_out_whom_the_rules_keep_out(boards: Session):
    naaste = Viewer(1, relation=Relation.NAASTE, shows_posts=True)
    only_ours = BoardRights(0, frozenset({Audience.LOTGENOOT}), frozenset({Audience.LOTGENOOT}))
    closed = next(
        one for one in boards.scalars(select(Board)) if rights_of(boards, one.id) == replace(only_ours, board_id=one.id)
    )
    with pytest.raises(NotFound):
        board_for_reading(boards, naaste, closed.slug)
    with pytest.raises(NotFound):
        board_for_writing(boards, naaste, closed.slug)
    with pytest.raises(NotFound):
        board_for_reading(boards, naaste, "no-such-board")
    lotgenoot = Viewer(2, relation=Relation.LOTGENOOT)
    assert board_for_reading(boards, lotgenoot, closed.slug) is closed
    with pytest.raises(Forbidden, match="members may read"):
        board_for_writing(boards, lotgenoot, closed.slug)


def test_the_menu_shows_what_may_be_read_in_two_queries(boards: Session):
    asked = []
    event.listen(boards.get_bind().engine, "before_cursor_execute", lambda *all: asked.append(all[2]))
    for viewer in VIEWERS:
        asked.clear()
        menu = read_menu(boards, viewer)
        assert len(asked) == 2
        shown = {board.id for section in menu for board in section.boards}
        assert shown == set(boards.scalars(readable_boards(viewer)))
        assert all(section.boards for section in menu)
    assert [section.slug for section in read_menu(boards, GUEST)] == ["wide"]
    with pytest.raises(NotFound):
        read_section(boards, GUEST, "hidden")


@pytest.mark.parametrize(
    ("readers", "words"),
    [
        (frozenset(Audience), "Guests read along"),
        ({Audience.LOTGENOOT, Audience.PARENT}, "Those close to us read along"),
        ({Audience.LOTGENOOT, Audience.BEING_EXAMINED}, "Fellow patients only"),
        ({Audience.NAASTE, Audience.PARENT}, "Only those close to a patient"),
        (set(), "Moderators only"),
    ],
)
def test_a_board_says_who_reads(readers, words):
    assert who_reads(readers) == words
