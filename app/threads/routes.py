"""Home, sections, boards, threads, and a post in its place."""

from functools import partial

from fastapi import APIRouter
from starlette.responses import Response

from app.boards.access import board_for_reading, may_write_in_board, readable_boards, rights_of
from app.boards.listing import MenuSection, read_menu, read_section
from app.boards.tables import Section
from app.kit.forms import blank
from app.kit.ids import new_id
from app.kit.messages import N_, translate
from app.kit.pages import house_fill, moment, page, redirect
from app.kit.permission import open_to
from app.kit.texts import standing
from app.members.viewer import EVERYONE, OpenVisit, Visit
from app.notifications.watching import is_watching
from app.threads.access import may_reply, post_for_finding, thread_for_reading
from app.threads.listing import ThreadList, read_board_threads, read_last_moments, read_newest, where_shown
from app.threads.paging import paging_of
from app.threads.reading import Order, page_of, read_thread, waiting_title
from app.threads.showing import (
    AUDIENCE_KEYS,
    KIND_ICONS,
    KIND_KEYS,
    WISH_CARD_KEYS,
    WISH_ICONS,
    Rights,
    Saying,
    anchor_of,
    show_posts,
    writer_of,
)
from app.threads.tables import Thread

router = APIRouter()

NEWEST = 6


def say(visit: OpenVisit) -> Saying:
    """How pages of this visit name addresses and words."""
    return Saying(
        url=lambda name, **params: str(visit.request.app.url_path_for(name, **params)),
        translate=partial(translate, language=visit.language),
        standing=lambda key: standing(key, visit.language, **house_fill(visit.settings)),
    )


@router.get("/")
@open_to(EVERYONE)
def home(visit: Visit) -> Response:
    """The café: what was written last, and the menu card. A guest reads what this place is."""
    menu = read_menu(visit.db, visit.viewer)
    newest = read_newest(visit.db, visit.viewer, NEWEST) if menu else ()
    return page(visit, "threads/home.html", newest=newest, menu=_menu(visit, menu), kinds=_kinds())


@router.get("/sections/{slug}")
@open_to(EVERYONE)
def show_section(visit: Visit, slug: str) -> Response:
    """One part of the menu card."""
    section = read_section(visit.db, visit.viewer, slug)
    return page(visit, "threads/section.html", section=section, menu=_menu(visit, (section,)))


@router.get("/boards/{slug}")
@open_to(EVERYONE)
def show_board(visit: Visit, slug: str, older_than: str | None = None) -> Response:
    """The conversations of a board, newest first, in finite stretches."""
    board = board_for_reading(visit.db, visit.viewer, slug)
    section = visit.db.get_one(Section, board.section_id)
    threads: ThreadList = read_board_threads(visit.db, visit.viewer, board, older_than)
    writing = may_write_in_board(visit.viewer, rights_of(visit.db, board.id))
    rules = [int(number) for number in board.rules.split(",") if number.strip().isdigit()]
    who = next(
        (one.who for part in read_menu(visit.db, visit.viewer) for one in part.boards if one.id == board.id),
        N_("Moderators only"),
    )
    return page(
        visit,
        "threads/board.html",
        board=board,
        section=section,
        threads=threads,
        writing=writing,
        rules=rules,
        who=who,
        kinds=_kinds(),
    )


@router.get("/threads/{thread_id}")
@open_to(EVERYONE)
def show_thread(visit: Visit, thread_id: str, page_number: int = 1, order: Order = Order.TREE) -> Response:
    """One page of a conversation, as a tree or in order of time."""
    thread = thread_for_reading(visit.db, visit.viewer, thread_id)
    return thread_page(visit, thread, page_number, order)


def thread_page(
    visit: OpenVisit, thread: Thread, number: int, order: Order, form: object = None, status: int = 200
) -> Response:
    """The page of a thread, for reading or with an answer that needs another look."""
    viewer = visit.viewer
    read = read_thread(visit.db, viewer, thread, number, order, visit.settings.page_size)
    answer = may_reply(visit.db, viewer, thread)
    saying = say(visit)
    own_title = thread.title or waiting_title(visit.db, viewer, thread)  # None where the opening is an empty place
    rights = Rights(viewer.is_member, bool(answer), viewer.moderates(thread.board_id))
    shown = show_posts(read.posts, saying, rights, thread.public_id, order)
    address = partial(_thread_address, visit, thread.public_id, order)
    return page(
        visit,
        "threads/show.html",
        status,
        thread=thread,
        title=own_title or translate(N_("Conversation without a title"), visit.language),
        writer=writer_of(thread, own_title is not None, saying.translate),
        section=visit.db.get_one(Section, thread.board.section_id),
        posts=shown,
        paging=paging_of(read.page, read.pages, address),
        order=read.order.value,
        other_order=_thread_address(
            visit, thread.public_id, Order.TIME if order is Order.TREE else Order.TREE, read.page
        ),
        also_in=where_shown(visit.db, thread.id, readable_boards(viewer)),
        kind=KIND_KEYS[thread.kind],
        kind_icon=KIND_ICONS[thread.kind],
        wish=WISH_CARD_KEYS[thread.wish],
        wish_icon=WISH_ICONS[thread.wish],
        who_reads=AUDIENCE_KEYS[thread.audience],
        answer=answer,
        moderates=rights.moderates,
        follows=is_watching(visit.db, viewer, thread.id),
        form=form or blank(),
        once=new_id(),
    )


@router.get("/posts/{post_id}")
@open_to(EVERYONE)
def show_post(visit: Visit, post_id: str, order: Order = Order.TREE) -> Response:
    """The lasting address of a post: leads to its place on its page."""
    post = post_for_finding(visit.db, visit.viewer, post_id)
    number = page_of(post.position, post.thread.last_position, visit.settings.page_size)
    query = "&".join(
        part
        for part in (f"page_number={number}" if number > 1 else "", "order=time" if order is Order.TIME else "")
        if part
    )
    return redirect(visit.request, "show_thread", anchor_of(post.public_id), query, thread_id=post.thread.public_id)


def _thread_address(visit: OpenVisit, thread_id: str, order: Order, number: int) -> str:
    parts = [f"page_number={number}"] if number > 1 else []
    parts += ["order=time"] if order is Order.TIME else []
    address = str(visit.request.app.url_path_for("show_thread", thread_id=thread_id))
    return address + ("?" + "&".join(parts) if parts else "")


def _menu(visit: OpenVisit, sections: tuple[MenuSection, ...]) -> list[dict[str, object]]:
    moments = read_last_moments(visit.db, visit.viewer)
    url = say(visit).url
    return [
        {
            "slug": section.slug,
            "title": section.title,
            "description": section.description,
            "url": url("show_section", slug=section.slug),
            "boards": [
                {
                    "url": url("show_board", slug=board.slug),
                    "title": board.title,
                    "description": board.description,
                    "who": board.who,
                    "last_moment": moment(moments[board.id], visit.now, visit.language)
                    if board.id in moments
                    else None,
                }
                for board in section.boards
            ],
        }
        for section in sections
    ]


def _kinds() -> dict[str, tuple[str, str]]:
    """Per kind of conversation the key of its name and its icon."""
    return {kind.value: (KIND_KEYS[kind], KIND_ICONS[kind]) for kind in KIND_KEYS}
