"""Who may read what: the clause for a query and the predicate for a row say the same, for every state and viewer."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.boards.tables import Audience
from app.guard.verdict import Outcome
from app.kit import clock
from app.kit.db import Database
from app.kit.html import to_html
from app.members.tables import Relation, Role
from app.members.viewer import GUEST, Viewer
from app.threads import visibility
from app.threads.tables import Kind, Post, PostState, Revision, Thread, ThreadAudience, Wish
from app.threads.visibility import (
    PostFacts,
    listed_posts,
    may_list_post,
    may_read_post,
    may_read_thread,
    readable_posts,
    readable_threads,
)
from tests.cast import ALL, Cast, Person

READERS = {
    "open": ALL,
    "patients": frozenset({Audience.LOTGENOOT, Audience.BEING_EXAMINED}),
    "public": frozenset(Audience),
}


@dataclass(frozen=True)
class Row:
    thread_id: int
    post_id: int
    facts: PostFacts


def test_query_and_predicate_agree(database: Database, say: Callable[[str], None]) -> None:
    cast = Cast(database)
    boards = {name: cast.make_board(name, readers=readers) for name, readers in READERS.items()}
    rows = make_rows(database, cast, boards)
    viewers = make_viewers(cast, boards)
    compared = compare(database, rows, viewers)
    say(f"visibility: {compared} answers of query and predicate agree ({len(viewers)} viewers, {len(rows)} posts)")
    assert compared == len(viewers) * len(rows) * 3


def test_a_planted_difference_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = Cast(database)
    boards = {name: cast.make_board(name, readers=readers) for name, readers in READERS.items()}
    rows = make_rows(database, cast, boards)
    monkeypatch.setattr(visibility, "_sees_all_of", lambda viewer, facts: True)
    with pytest.raises(AssertionError):
        compare(database, rows, make_viewers(cast, boards))


def compare(database: Database, rows: list[Row], viewers: list[Viewer]) -> int:
    compared = 0
    with database.reading() as db:
        for viewer in viewers:
            threads = set(db.scalars(select(Thread.id).where(readable_threads(viewer))))
            texts = _posts(db, readable_posts(viewer))
            places = _posts(db, listed_posts(viewer))
            for row in rows:
                for asked, queried in (
                    (may_read_thread(viewer, row.facts), row.thread_id in threads),
                    (may_read_post(viewer, row.facts), row.post_id in texts),
                    (may_list_post(viewer, row.facts), row.post_id in places),
                ):
                    assert asked == queried, (viewer, row.facts)
                    compared += 1
    return compared


def _posts(db: Session, clause: object) -> set[int]:
    return set(db.scalars(select(Post.id).join(Thread, Thread.id == Post.thread_id).where(clause)))  # type: ignore[arg-type]


def make_rows(database: Database, cast: Cast, boards: dict[str, int]) -> list[Row]:
    """A thread with an opening and an answer in each combination of board, audience, state and author."""
    rows = []
    now = clock.now()
    with database.writing() as db:
        for (name, board_id), audience, state, author, answered, opened in product(
            boards.items(), ThreadAudience, PostState, (cast.anna, cast.nora, None), (True, False), (True, False)
        ):
            thread = Thread(
                board_id=board_id,
                author_id=cast.anna.id if opened else None,
                kind=Kind.QUESTION,
                wish=Wish.TIPS,
                audience=audience,
                started_at=now,
                title="T",
                published_count=1 if opened else 0,
                last_position=2,
            )
            db.add(thread)
            db.flush()
            post = _post(db, thread.id, None, state, author, 1 if state in _ONCE_SHOWN else None)
            if answered:
                _post(db, thread.id, post.id, PostState.PUBLISHED, None, 2)
            rows.append(
                Row(
                    thread.id,
                    post.id,
                    PostFacts(
                        board_id,
                        READERS[name],
                        audience,
                        thread.author_id,
                        thread.published_count,
                        state,
                        author.id if author else None,
                        post.position is not None,
                        answered,
                    ),
                )
            )
    return rows


_ONCE_SHOWN = (PostState.PUBLISHED, PostState.HIDDEN, PostState.WITHDRAWN)


def _post(
    db: Session, thread_id: int, parent_id: int | None, state: PostState, author: Person | None, position: int | None
) -> Post:
    post = Post(
        thread_id=thread_id,
        parent_id=parent_id,
        author_id=author.id if author else None,
        state=state,
        position=position,
        revision_number=1,
        written_at=clock.now(),
    )
    db.add(post)
    db.flush()
    db.add(
        Revision(
            post_id=post.id,
            number=1,
            text="x",
            html=to_html("x"),
            render_version=1,
            written_at=clock.now(),
            outcome=Outcome.PUBLISH,
            ruleset="t",
        )
    )
    return post


def make_viewers(cast: Cast, boards: dict[str, int]) -> list[Viewer]:
    viewers = [GUEST, Viewer(cast.anna.id, relation=Relation.LOTGENOOT), Viewer(cast.nora.id, relation=Relation.NAASTE)]
    viewers += [Viewer(cast.bram.id, relation=relation) for relation in Relation]
    everywhere = frozenset({(Role.MODERATOR, None)})
    viewers.append(Viewer(cast.mo.id, relation=Relation.NAASTE, grants=everywhere))
    viewers += [
        Viewer(cast.mo.id, relation=relation, grants=frozenset({(Role.MODERATOR, board_id)}))
        for board_id in boards.values()
        for relation in (Relation.LOTGENOOT, Relation.NAASTE)
    ]
    viewers.append(Viewer(cast.ada.id, relation=Relation.NAASTE, grants=frozenset({(Role.ADMINISTRATOR, None)})))
    return viewers
