"""Turns the rows of a page into what the templates show: words, addresses, and what this viewer may do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app.kit.cups import Cup, cup_for
from app.kit.html import stored
from app.kit.messages import N_
from app.kit.rails import rails_of
from app.members.words import RELATION_WORDS
from app.threads.access import EDITABLE, WITHDRAWABLE
from app.threads.reading import Order, ReadPost
from app.threads.tables import Kind, PostState, Thread, ThreadAudience, Wish

Url = Callable[..., str]

KIND_KEYS = {
    Kind.QUESTION: "schrijven.soort.keuze_vraag",
    Kind.EXPERIENCE: "schrijven.soort.keuze_ervaring",
    Kind.TIP: "schrijven.soort.keuze_tip",
    Kind.HEART: "schrijven.soort.keuze_hart",
    Kind.MEETING: "schrijven.soort.keuze_ontmoeten",
}
KIND_ICONS = {Kind.QUESTION: "ask", Kind.EXPERIENCE: "story", Kind.TIP: "tip", Kind.HEART: "air", Kind.MEETING: "meet"}
WISH_KEYS = {
    Wish.LISTEN: "schrijven.wens.luisteren",
    Wish.EXPERIENCES: "schrijven.wens.ervaringen",
    Wish.TIPS: "schrijven.wens.tips",
}
WISH_CARD_KEYS = {
    Wish.LISTEN: "schrijven.wens.teken_luisteren",
    Wish.EXPERIENCES: "schrijven.wens.teken_ervaringen",
    Wish.TIPS: "schrijven.wens.teken_tips",
}
WISH_ICONS = {Wish.LISTEN: "ear", Wish.EXPERIENCES: "story", Wish.TIPS: "tip"}
AUDIENCE_KEYS = {
    ThreadAudience.BOARD: "schrijven.wie_leest.leden",
    ThreadAudience.LOTGENOTEN: "schrijven.wie_leest.lotgenoten",
}
SOMEBODY = N_("a former member")
THE_WRITER = N_("The writer")


@dataclass(frozen=True)
class ShownPost:
    """All that the macro `post_article` shows. Addresses are None where this viewer may not."""

    anchor: str
    address: str
    author_name: str
    author_url: str | None
    author_relation: str
    cup: Cup | None
    written_at: datetime
    edited_at: datetime | None
    depth: int
    rails: tuple[int, ...]
    more: bool
    html: Markup | None
    replies_to_name: str | None
    replies_to_url: str | None
    is_own: bool
    is_opening: bool
    state: str
    rule: int | None
    banners: tuple[str, ...]
    has_pending_edit: bool
    reply_url: str | None
    quote_url: str | None
    edit_url: str | None
    withdraw_url: str | None
    report_url: str | None
    case_url: str | None
    waits: str = ""
    is_new: bool = False
    is_team: bool = False
    trimmed_rule: int | None = None


@dataclass(frozen=True)
class Saying:
    """How this page says things: addresses, messages and standing texts in the viewer's language."""

    url: Url
    translate: Callable[[str], str]
    standing: Callable[[str], str]


@dataclass(frozen=True)
class Rights:
    """What this viewer may do in this conversation."""

    is_member: bool
    may_reply: bool
    moderates: bool


def show_posts(
    posts: tuple[ReadPost, ...], say: Saying, rights: Rights, thread_id: str, order: Order
) -> list[ShownPost]:
    """The posts of a page in the order given, with the lines of the tree drawn between them."""
    depths = [post.depth if order is Order.TREE else 0 for post in posts]
    places = zip(posts, depths, rails_of(depths), strict=True)
    return [
        _shown(post, say, rights, thread_id, depth, rails, _goes_on(depths, index))
        for index, (post, depth, rails) in enumerate(places)
    ]


def writer_of(thread: Thread, is_told: bool, translate: Callable[[str], str]) -> str:
    """Who started a conversation. Nobody by name where its opening is an empty place for this viewer."""
    return thread.author.pseudonym if is_told and thread.author is not None else translate(SOMEBODY)


def anchor_of(post_id: str) -> str:
    """The place of a post on its page."""
    return f"post-{post_id}"


def _goes_on(depths: list[int], index: int) -> bool:
    return index + 1 < len(depths) and depths[index + 1] > depths[index]


def _shown(
    post: ReadPost, say: Saying, rights: Rights, thread_id: str, depth: int, rails: tuple[int, ...], more: bool
) -> ShownPost:
    published = post.state is PostState.PUBLISHED
    there = post.html is not None
    answers = post.answers if post.answers and not post.answers.is_opening else None
    return ShownPost(
        anchor=anchor_of(post.public_id),
        address=say.url("show_post", post_id=post.public_id),
        author_name=post.author_name or say.translate(SOMEBODY),
        author_url=say.url("show_member", member_id=post.author_public_id)
        if post.author_public_id and rights.is_member
        else None,
        author_relation=say.translate(RELATION_WORDS[post.author_relation]) if post.author_relation else "",
        cup=cup_for(post.author_name) if post.author_name else None,
        written_at=post.written_at,
        edited_at=post.edited_at,
        depth=depth,
        rails=rails,
        more=more,
        html=stored(post.html) if post.html is not None else None,
        replies_to_name=(answers.author_name or say.translate(N_("a post that is gone"))) if answers else None,
        replies_to_url=say.url("show_post", post_id=answers.public_id) if answers else None,
        is_own=post.is_own,
        is_opening=post.parent_id is None,
        state=post.state.value,
        rule=post.hidden_rule,
        banners=tuple(say.standing(f"scherm.{key}") for key in post.banners) if published else (),
        has_pending_edit=post.has_pending_edit and published,
        reply_url=_address(say, rights.may_reply and published, "show_reply", thread_id=thread_id, to=post.public_id),
        quote_url=_address(say, rights.may_reply and published, "show_quote", thread_id=thread_id, to=post.public_id),
        edit_url=_address(say, post.is_own and post.state in EDITABLE, "show_edit", post_id=post.public_id),
        withdraw_url=_address(say, post.is_own and post.state in WITHDRAWABLE, "show_withdraw", post_id=post.public_id),
        report_url=_address(
            say, rights.is_member and published and not post.is_own, "show_report", post_id=post.public_id
        ),
        case_url=_address(say, there and post.is_own and not published, "show_my_posts")
        or _address(say, rights.moderates and not post.is_own, "show_look", post_id=post.public_id),
    )


def _address(say: Saying, allowed: bool, name: str, **params: str) -> str | None:
    return say.url(name, **params) if allowed else None
