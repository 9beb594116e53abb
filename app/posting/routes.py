"""Writing: start a conversation, answer, preview, change, withdraw, and ask a moderator to look."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import select
from starlette.responses import Response

from app.boards.access import board_for_writing, may_read_board, rights_of, writable_boards
from app.boards.tables import Audience, Board, BoardAccess, Section
from app.guard.verdict import COACH, Outcome
from app.kit.errors import Forbidden
from app.kit.forms import EmptyForm, Filled, blank, filled
from app.kit.html import stored, to_html
from app.kit.ids import new_id
from app.kit.limits import hit
from app.kit.messages import N_, translate
from app.kit.pages import page, redirect
from app.kit.permission import open_to
from app.members.viewer import MEMBERS, OpenVisit, Visit
from app.moderation.queue import is_urgent
from app.moderation.waiting_time import waiting_words
from app.notifications.watching import unwatch, watch
from app.posting.ask_moderator import ask_moderator
from app.posting.edit import Stale, edit_post, newest_revision
from app.posting.forms import EditForm, OpeningForm, ReplyForm
from app.posting.limits import EDITS, POSTS, PREVIEWS
from app.posting.once import begin_once, end_once
from app.posting.reply import submit_reply
from app.posting.start_thread import Opening, start_thread
from app.posting.withdraw import withdraw_post
from app.posting.write import House, Judged, Posted, judge
from app.threads.access import (
    own_post,
    post_for_answering,
    post_for_editing,
    post_for_withdrawing,
    thread_for_reading,
    thread_for_replying,
)
from app.threads.reading import page_of
from app.threads.showing import (
    AUDIENCE_KEYS,
    KIND_ICONS,
    KIND_KEYS,
    WISH_CARD_KEYS,
    WISH_ICONS,
    WISH_KEYS,
    anchor_of,
    writer_of,
)
from app.threads.tables import Kind, Post, PostState, Revision, Thread, ThreadAudience, Wish

router = APIRouter()

FilledOpening = Annotated[Filled[OpeningForm], Depends(filled(OpeningForm))]
FilledReply = Annotated[Filled[ReplyForm], Depends(filled(ReplyForm))]
FilledEdit = Annotated[Filled[EditForm], Depends(filled(EditForm))]
Button = Annotated[Filled[EmptyForm], Depends(filled(EmptyForm))]

DEFAULT_WISH = {
    Kind.QUESTION: Wish.EXPERIENCES,
    Kind.EXPERIENCE: Wish.EXPERIENCES,
    Kind.TIP: Wish.TIPS,
    Kind.HEART: Wish.LISTEN,
    Kind.MEETING: Wish.EXPERIENCES,
}


def house_for(visit: OpenVisit, board_id: int) -> House:
    """How strict the house is for whoever writes here."""
    return House(visit.settings.first_posts_read, visit.viewer.moderates(board_id))


# --- A new conversation -------------------------------------------------------------------------------------------


@router.get("/write")
@open_to(MEMBERS)
def show_where(visit: Visit) -> Response:
    """Where does it belong? The boards that this member may write in."""
    rows = visit.db.execute(
        select(Section.title, Board.slug, Board.title, Board.description)
        .join(Board, Board.section_id == Section.id)
        .where(Board.id.in_(writable_boards(visit.viewer)))
        .order_by(Section.position, Section.id, Board.position, Board.id)
    ).all()
    return page(visit, "posting/where.html", rows=rows)


@router.get("/boards/{slug}/write")
@open_to(MEMBERS)
def show_write(visit: Visit, slug: str, kind: Kind | None = None) -> Response:
    """An empty sheet for a new conversation in this board."""
    board = board_for_writing(visit.db, visit.viewer, slug)
    chosen = kind or Kind.QUESTION
    form = blank(kind=chosen.value, wish=DEFAULT_WISH[chosen].value, audience=ThreadAudience.BOARD.value)
    return _write_page(visit, board, form)


@router.post("/boards/{slug}/write")
@open_to(MEMBERS)
def send_opening(visit: Visit, slug: str, form: FilledOpening) -> Response:
    """Start the conversation, or show how it would look."""
    board = board_for_writing(visit.db, visit.viewer, slug)
    if form.data is None:
        return _write_page(visit, board, form, 422)
    sent = form.data
    if sent.step == "preview":
        hit(visit.db, PREVIEWS, visit.member_id, visit.now)
        return _write_page(visit, board, form, judged=judge(sent.title, sent.text, None, board))
    earlier = _sent_before(visit, sent.once, f"{board.slug}\n{sent.title}\n{sent.text}")
    if earlier is not None:
        return _after(visit, earlier)
    hit(visit.db, POSTS, visit.member_id, visit.now)
    opening = Opening(sent.title, sent.text, sent.kind, sent.wish, _audience(visit, board, sent.audience))
    posted = start_thread(visit.db, board, visit.member_id, opening, house_for(visit, board.id), visit.now)
    return _placed(visit, posted, sent.once)


# --- An answer ----------------------------------------------------------------------------------------------------


@router.get("/threads/{thread_id}/reply")
@open_to(MEMBERS)
def show_own_reply(visit: Visit, thread_id: str) -> Response:
    """An empty sheet for an answer to a conversation as a whole."""
    thread = thread_for_replying(visit.db, visit.viewer, thread_id)
    return _reply_page(visit, thread, None, blank())


@router.get("/threads/{thread_id}/reply/{to}")
@open_to(MEMBERS)
def show_reply(visit: Visit, thread_id: str, to: str) -> Response:
    """An empty sheet for an answer to one post."""
    thread = thread_for_replying(visit.db, visit.viewer, thread_id)
    return _reply_page(visit, thread, post_for_answering(visit.db, visit.viewer, thread, to), blank(parent=to))


@router.get("/threads/{thread_id}/quote/{to}")
@open_to(MEMBERS)
def show_quote(visit: Visit, thread_id: str, to: str) -> Response:
    """A sheet for an answer that begins with the words of a post."""
    thread = thread_for_replying(visit.db, visit.viewer, thread_id)
    parent = post_for_answering(visit.db, visit.viewer, thread, to)
    return _reply_page(visit, thread, parent, blank(parent=to, text=_quoted(visit, parent)))


@router.post("/threads/{thread_id}/replies")
@open_to(MEMBERS)
def send_reply(visit: Visit, thread_id: str, form: FilledReply) -> Response:
    """Answer, or show how the answer would look."""
    thread = thread_for_replying(visit.db, visit.viewer, thread_id)
    parent_id = form.values.get("parent", "")
    parent = post_for_answering(visit.db, visit.viewer, thread, parent_id) if parent_id else None
    if form.data is None:
        return _reply_page(visit, thread, parent, form, 422)
    sent = form.data
    if sent.step == "preview":
        hit(visit.db, PREVIEWS, visit.member_id, visit.now)
        return _reply_page(visit, thread, parent, form, judged=judge(None, sent.text, thread.wish, thread.board))
    earlier = _sent_before(visit, sent.once, f"{thread.public_id}\n{parent_id}\n{sent.text}")
    if earlier is not None:
        return _after(visit, earlier)
    hit(visit.db, POSTS, visit.member_id, visit.now)
    house = house_for(visit, thread.board_id)
    posted = submit_reply(visit.db, thread, visit.member_id, sent.text, parent, house, visit.now)
    return _placed(visit, posted, sent.once)


# --- After sending ------------------------------------------------------------------------------------------------


@router.get("/posts/{post_id}/sent")
@open_to(MEMBERS)
def show_sent(visit: Visit, post_id: str) -> Response:
    """What happens now with a post that waits; for its author only."""
    post = own_post(visit.db, visit.viewer, post_id)
    newest = newest_revision(visit.db, post)
    if post.state is not PostState.HELD and newest.waits_since is None:
        return redirect(visit.request, "show_post", post_id=post.public_id)
    return page(
        visit,
        "posting/sent.html",
        post=post,
        urgent=is_urgent(visit.db, post),
        waits=waiting_words(visit.db, visit.now, visit.language),
        thread_url=_place_of(visit, post),
        waiting_edit=post.state is PostState.PUBLISHED,
    )


@router.post("/posts/{post_id}/ask-moderator")
@open_to(MEMBERS)
def send_ask_moderator(visit: Visit, post_id: str, form: Button) -> Response:
    """The author thinks that the guard is wrong: a moderator looks, and may place it: as good as writing it."""
    post = post_for_editing(visit.db, visit.viewer, post_id)
    answer = ask_moderator(visit.db, post, visit.now)
    if not answer:
        raise Forbidden(answer.reason)
    return redirect(visit.request, "show_sent", post_id=post.public_id)


# --- Change and withdraw ------------------------------------------------------------------------------------------


@router.get("/posts/{post_id}/edit")
@open_to(MEMBERS)
def show_edit(visit: Visit, post_id: str) -> Response:
    """The newest text of an own post, to change."""
    post = post_for_editing(visit.db, visit.viewer, post_id)
    newest = newest_revision(visit.db, post)
    return _edit_page(visit, post, blank(title=newest.title or "", text=newest.text, seen=newest.number))


@router.post("/posts/{post_id}/edit")
@open_to(MEMBERS)
def send_edit(visit: Visit, post_id: str, form: FilledEdit) -> Response:
    """Change an own post, or show how it would look."""
    post = post_for_editing(visit.db, visit.viewer, post_id)
    if post.is_opening and not form.values.get("title", "").strip():
        form = form.wrong("title", N_("Give it a title, please. A few words of your question will do."))
    if form.data is None:
        return _edit_page(visit, post, form, 422)
    sent = form.data
    title = sent.title if post.is_opening else None
    if sent.step == "preview":
        hit(visit.db, PREVIEWS, visit.member_id, visit.now)
        wish = None if post.is_opening else post.thread.wish
        return _edit_page(visit, post, form, judged=judge(title, sent.text, wish, post.thread.board))
    hit(visit.db, EDITS, visit.member_id, visit.now)
    house = house_for(visit, post.thread.board_id)
    result = edit_post(visit.db, post, title, sent.text, sent.seen, house, visit.now)
    if isinstance(result, Stale):
        newer = {**form.values, "seen": result.newer.number}
        return _edit_page(visit, post, Filled(None, newer, {}), 409, newer=result.newer)
    return _placed(visit, result, "")


@router.get("/posts/{post_id}/withdraw")
@open_to(MEMBERS)
def show_withdraw(visit: Visit, post_id: str) -> Response:
    """Asks once more before a post is withdrawn."""
    post = post_for_withdrawing(visit.db, visit.viewer, post_id)
    return page(
        visit,
        "posting/withdraw.html",
        post=post,
        html=stored(newest_revision(visit.db, post).html),
        urgent=is_urgent(visit.db, post),
        back=_place_of(visit, post),
    )


@router.post("/posts/{post_id}/withdraw")
@open_to(MEMBERS)
def send_withdraw(visit: Visit, post_id: str, form: Button) -> Response:
    """Withdraw an own post."""
    post = post_for_withdrawing(visit.db, visit.viewer, post_id)
    withdraw_post(visit.db, post, visit.now)
    board = post.thread.board
    if not may_read_board(visit.viewer, rights_of(visit.db, board.id).readers, board.id):
        return redirect(visit.request, "show_my_posts")  # it moved to where this writer reads no more
    return redirect(visit.request, "show_board", slug=board.slug)


# --- Follow -------------------------------------------------------------------------------------------------------


@router.post("/threads/{thread_id}/follow")
@open_to(MEMBERS)
def send_follow(visit: Visit, thread_id: str, form: Button) -> Response:
    """Hear of new answers in this conversation."""
    thread = thread_for_reading(visit.db, visit.viewer, thread_id)
    watch(visit.db, visit.member_id, thread.id, visit.now)
    return redirect(visit.request, "show_thread", thread_id=thread.public_id)


@router.post("/threads/{thread_id}/unfollow")
@open_to(MEMBERS)
def send_unfollow(visit: Visit, thread_id: str, form: Button) -> Response:
    """Hear no more of this conversation."""
    thread = thread_for_reading(visit.db, visit.viewer, thread_id)
    unwatch(visit.db, visit.member_id, thread.id)
    return redirect(visit.request, "show_thread", thread_id=thread.public_id)


# --- What these have in common --------------------------------------------------------------------------------------


def _sent_before(visit: OpenVisit, once: str, words: str) -> Post | None:
    return begin_once(visit.db, visit.member_id, once, words, visit.now) if once else None


def _placed(visit: OpenVisit, posted: Posted, once: str) -> Response:
    if once:
        end_once(visit.db, visit.member_id, once, posted.post)
    if posted.is_blocked and not posted.is_shown:
        return _blocked_page(visit, posted)
    return _after(visit, posted.post, posted.is_shown)


def _after(visit: OpenVisit, post: Post, shown: bool | None = None) -> Response:
    """Where one goes after sending: to the post in its place, or to what happens now."""
    if shown is None:
        shown = post.state is PostState.PUBLISHED
    if shown:
        thread = visit.db.get_one(Thread, post.thread_id)
        number = page_of(post.position, thread.last_position, visit.settings.page_size)
        query = f"page_number={number}" if number > 1 else ""
        return redirect(visit.request, "show_thread", anchor_of(post.public_id), query, thread_id=thread.public_id)
    if post.state is PostState.BLOCKED:
        return redirect(visit.request, "show_edit", post_id=post.public_id)
    return redirect(visit.request, "show_sent", post_id=post.public_id)


def _place_of(visit: OpenVisit, post: Post) -> str:
    return str(visit.request.app.url_path_for("show_post", post_id=post.public_id))


def _audience(visit: OpenVisit, board: Board, wanted: ThreadAudience) -> ThreadAudience:
    """Only who is a lotgenoot can close a conversation to others: else its writer would shut themselves out."""
    return (
        wanted
        if visit.viewer.relation is not None and visit.viewer.relation.value == "lotgenoot"
        else ThreadAudience.BOARD
    )


def _quoted(visit: OpenVisit, post: Post) -> str:
    revision = newest_shown(visit, post)
    words = "\n".join(f"> {line}" for line in revision.split("\n")[:40])
    return f"{words}\n\n"


def newest_shown(visit: OpenVisit, post: Post) -> str:
    """The text of a post that others read."""
    return visit.db.scalars(
        select(Revision.text).where(Revision.post_id == post.id, Revision.number == post.revision_number)
    ).one()


def _write_page(
    visit: OpenVisit, board: Board, form: Filled[Any], status: int = 200, judged: Judged | None = None
) -> Response:
    readers = set(visit.db.scalars(select(BoardAccess.audience).where(BoardAccess.board_id == board.id)))
    is_lotgenoot = visit.viewer.relation is not None and visit.viewer.relation.value == "lotgenoot"
    return page(
        visit,
        "posting/write.html",
        status,
        board=board,
        form=form,
        preview=_preview(visit, form, judged),
        kinds=[(kind.value, KIND_KEYS[kind], KIND_ICONS[kind]) for kind in Kind],
        wishes=[(wish.value, WISH_KEYS[wish], WISH_ICONS[wish]) for wish in Wish],
        may_close=is_lotgenoot and len(readers) > 1,
        others_read=bool(readers & {Audience.NAASTE, Audience.PARENT}),
        once=form.values.get("once") or new_id(),
        chosen=_chosen(form),
    )


def _chosen(form: Filled[Any]) -> dict[str, tuple[str, str]]:
    """Key and icon of the chosen kind and wish, for the preview."""
    try:
        kind, wish = Kind(form.values.get("kind", "question")), Wish(form.values.get("wish", "experiences"))
    except ValueError:
        kind, wish = Kind.QUESTION, Wish.EXPERIENCES
    return {"kind": (KIND_KEYS[kind], KIND_ICONS[kind]), "wish": (WISH_CARD_KEYS[wish], WISH_ICONS[wish])}


def _reply_page(
    visit: OpenVisit,
    thread: Thread,
    parent: Post | None,
    form: Filled[Any],
    status: int = 200,
    judged: Judged | None = None,
) -> Response:
    return page(
        visit,
        "posting/reply.html",
        status,
        thread=thread,
        form=form,
        preview=_preview(visit, form, judged),
        parent=parent,
        parent_html=stored(to_html(newest_shown(visit, parent))) if parent is not None else None,
        wish=(WISH_CARD_KEYS[thread.wish], WISH_ICONS[thread.wish]),
        writer=writer_of(thread, bool(thread.title), partial(translate, language=visit.language)),
        who_reads=AUDIENCE_KEYS[thread.audience],
        once=form.values.get("once") or new_id(),
    )


def _edit_page(
    visit: OpenVisit, post: Post, form: Filled[Any], status: int = 200, judged: Judged | None = None, newer: Any = None
) -> Response:
    return page(
        visit,
        "posting/edit.html",
        status,
        post=post,
        form=form,
        preview=_preview(visit, form, judged),
        newer=newer,
        coaches=_coaches(
            visit,
            judge(form.values.get("title") or None, form.values.get("text", ""), None, post.thread.board),
            form.values,
        )
        if post.state in (PostState.BLOCKED, PostState.RETURNED) and judged is None
        else [],
        back=_place_of(visit, post),
    )


def _blocked_page(visit: OpenVisit, posted: Posted) -> Response:
    """The guard stopped it: which sentence, which rule, how to tell it, and the writer's own words in the box."""
    values = {"title": posted.revision.title or "", "text": posted.revision.text, "seen": posted.revision.number}
    return page(
        visit,
        "posting/blocked.html",
        422,
        post=posted.post,
        form=Filled(None, values, {}),
        coaches=_coaches(visit, posted.judged, values),
        urgent=posted.judged.is_urgent,
    )


def _preview(visit: OpenVisit, form: Filled[Any], judged: Judged | None) -> dict[str, Any] | None:
    if judged is None:
        return None
    text = form.values.get("text", "")
    return {
        "title": form.values.get("title", ""),
        "html": stored(to_html(text)),
        "coaches": _coaches(visit, judged, form.values),
        "outcome": judged.outcome.value,
        "urgent": judged.is_urgent,
        "banners": judged.banners,
    }


def _coaches(visit: OpenVisit, judged: Judged, values: dict[str, Any]) -> list[dict[str, Any]]:
    """What the guard asks the writer to look at, sentence by sentence, once for each rule; what stops comes first."""
    said: dict[tuple[str, int], dict[str, Any]] = {}
    to_look_at = [(in_title, one) for in_title, one in judged.findings if one.outcome is not Outcome.PUBLISH]
    for in_title, finding in sorted(to_look_at, key=lambda found: found[1].outcome == COACH):
        words = str(values.get("title" if in_title else "text") or "")[finding.start : finding.end].strip()
        said.setdefault(
            (words, finding.rule),
            {
                "sentence": words,
                "rule": finding.rule,
                "reason": finding.reason(visit.language),
                "suggestion": finding.suggestion(visit.language),
                "stops": finding.outcome != COACH,
                "in_title": in_title,
            },
        )
    return list(said.values())
