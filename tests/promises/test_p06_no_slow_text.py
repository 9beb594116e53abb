"""P6: no text that is accepted is slow to read as Markdown, and to see that a text is too much takes linear time.

Nothing here is a number of seconds: each text is measured against plain prose of 10,000 characters in the same run.
"""

import gc
from collections.abc import Callable
from itertools import product
from time import process_time

from markdown_it import MarkdownIt

from app.kit.html import MAX_TEXT, over_limit, to_html

Say = Callable[[str], None]
Text = Callable[[int], str]

WORST = 40.0  # times plain prose
LINEAR = 4.0  # 64 kB is 4 × 16 kB …
SLACK = 3.0  # … with room for a busy machine
PROSE = "Ik slaap slecht door mijn voeten en neem een dunner laken. " * 200
SIZES = (250, 1_000, 4_000, MAX_TEXT, 16_000, 64_000)


def again(piece: str) -> Text:
    return lambda size: (piece * (size // len(piece) + 1))[:size]


def around(front: str, back: str) -> Text:
    return lambda size: (front * (size // (len(front) + len(back))) + back * (size // (len(front) + len(back))))[:size]


_PIECES = (
    "*", "**", "***", "_", "__", "*a", "a*", "**a ", "*a_", "_a*", "*a **b ", "a**b*", "[", "]", "[]", "[a", "[a](",
    "[a](b", "[a](<b", "![", "![a](", "[[a]]", "](", "<", "<a", "<a@", "<http://", "&", "&amp;", "&#", "&#x", "&a;",
    "\\", "\\\\", "\\*", "`", "``", "`a", "`a``", "> ", ">", ">>", "- ", "* ", "+ ", "1. ", "1) ", "- a\n", "> a\n",
    ">\n", "-\n", "1.\n", " \n", "\t\n", "\n", "\n\n", "  a\n", "    a\n", "\ta\n", "a  \n", "a\\\n", "- - ", "> - ",
    "- > ", "1. - ", "*\t", "> \t", "http://", "https://a", "https://a.b/", "https://a.b/(", "https://a.b/)))",
    "www.a.b ", "a@b ", "mailto:a@b ", "://", "#", "# a\n", "===\n", "---\n", "***\n", "|a|b|\n", "~~~\n", "```\n",
    "[a]: b\n", "[a]: <b>\n", "[^1]", "a\u0301", "\u0301", "\u200d", "\u202e", "\xa0", "\u2028", "👩‍👩‍👧", "ß", "İ",
    "ﷺ", "\x00", "\x7f", "é", "'", '"', "(", ")", ":", ".", "!", "a", " ",
)  # fmt: skip
_PAIRS = (
    ("*", "*"), ("**", "**"), ("_", "_"), ("*a_", "_b*"), ("[", "]"), ("[", "](a)"), ("![", "](a)"), ("(", ")"),
    ("`", "`"), ("<", ">"), ("> ", "\n"), ("- ", "\n"), ("a*", "*"), ("*a ", " b*"), ("[a](", ")"), ("[a](<", ">)"),
    ("https://(", ")"),
)  # fmt: skip
FAMILIES: dict[str, Text] = {repr(piece): again(piece) for piece in _PIECES}
FAMILIES |= {f"{front} … {back}": around(front, back) for front, back in _PAIRS}
# As much as the limits allow of what costs a reader of Markdown time.
_FULL = (
    "*",
    "_",
    "[",
    "]",
    "<",
    "&",
    "`",
    "\\",
    ">",
    "**a ",
    "*a_",
    "[a](b) ",
    "> ",
    "- a\n",
    "&amp;",
    "\\*",
    "<a@b.nl>",
    "`a`",
)
_REST = ("a", "woord ", " ", "\u0301a", "é", "x\n", "\xa0", "(", "https://a.b/ ")


def full(piece: str, rest: str) -> str:
    """The longest text that is accepted with this much of a piece, the rest filled up."""
    for count in (200, 199, 180, 100, 66, 60, 40, 20, 10):
        for fill in (count, 0):
            text = _mixed(piece, rest, count, bool(fill))
            if over_limit(text) is None:
                return text
    return piece


def _mixed(piece: str, rest: str, count: int, spread: bool) -> str:
    room = max(0, (MAX_TEXT - count * len(piece)) // len(rest))
    if spread:
        return (piece + rest * (room // count)) * count
    return (piece * count + rest * room)[:MAX_TEXT]


def cost(do: Callable[[], object], tries: int = 3) -> float:
    """The CPU time of the quickest of a few tries: what it takes, apart from what else the machine does."""
    best = float("inf")
    for _ in range(tries):
        before = process_time()
        do()
        best = min(best, process_time() - before)
    return max(best, 1e-6)


def plain() -> float:
    to_html(PROSE[:MAX_TEXT])
    return cost(lambda: to_html(PROSE[:MAX_TEXT]), 9)


def slowest(texts: dict[str, str], read: Callable[[str], object], limit: float) -> list[tuple[float, str]]:
    """How many times plain prose each text takes, the worst first. Only a slow one is measured again."""
    unit = plain()
    found = []
    for name, text in texts.items():
        times = cost(lambda: read(text), 1) / unit  # noqa: B023
        if times > limit / 4:
            times = min(times, cost(lambda: read(text), 4) / plain())  # noqa: B023
        found.append((times, name))
    return sorted(found, reverse=True)


def accepted() -> dict[str, str]:
    texts = {f"{name} × {size}": make(size) for (name, make), size in product(FAMILIES.items(), SIZES)}
    texts |= {f"{piece!r} amid {rest!r}": full(piece, rest) for piece, rest in product(_FULL, _REST)}
    return {name: text for name, text in texts.items() if over_limit(text) is None}


def test_no_accepted_text_is_slow_to_render(say: Say) -> None:
    texts = accepted()
    gc.collect()
    measured = slowest(texts, to_html, WORST)
    worst, name = measured[0]
    middle = measured[len(measured) // 2][0]
    of = len(FAMILIES) * len(SIZES) + len(_FULL) * len(_REST)
    assert worst <= WORST, [f"{times:.1f} × {name}" for times, name in measured[:5]]
    assert len(texts) > 300, "control: enough of them are accepted"
    say(f"P6: {len(texts)} accepted of {of} hostile texts: worst {worst:.1f} × prose ({name}), median {middle:.1f}")


def test_saying_that_it_is_too_much_takes_linear_time(say: Say) -> None:
    worst, by = 0.0, ""
    for name, make in FAMILIES.items():
        small, large = make(16_000), make(64_000)
        ratio = cost(lambda: over_limit(large)) / cost(lambda: over_limit(small))  # noqa: B023
        if ratio > LINEAR * SLACK:
            ratio = cost(lambda: over_limit(large), 20) / cost(lambda: over_limit(small), 20)  # noqa: B023
        # What takes a thousandth of prose is noise, however its ratio comes out.
        if ratio > worst and cost(lambda: over_limit(large)) > plain() / 1000:  # noqa: B023
            worst, by = ratio, name
    assert worst <= LINEAR * SLACK, (worst, by)
    say(f"P6: {len(FAMILIES)} families: the limits read 64 kB in at most {worst:.1f} × the time of 16 kB")


def test_what_a_standing_page_may_hold_is_slow_without_the_limits(say: Say) -> None:
    """Control: the library's own reader, with everything on and no limits, is caught by the same measure."""
    careless = MarkdownIt("commonmark")
    texts = {"emphasis": "*a_ " * 4_000, "brackets": "[a](" * 4_000, "signs": "**a *b " * 4_000, "links": "[" * 10_000}
    measured = slowest(texts, careless.render, WORST)
    caught = [name for times, name in measured if times > WORST]
    assert caught, measured
    assert all(over_limit(text) for text in texts.values()), "and the limits keep each of these out"
    say(f"P6 control: without limits {len(caught)} of {len(texts)} texts take more than {WORST:.0f} × plain prose")


def test_a_slow_check_is_noticed(say: Say) -> None:
    """Control: looking back from every character is quadratic, and its ratio shows it."""

    def careless(text: str) -> int:
        return sum(text.rfind("[", 0, place) for place in range(0, len(text), 4))

    small, large = "a" * 16_000, "a" * 64_000
    ratio = cost(lambda: careless(large)) / cost(lambda: careless(small))
    assert ratio > LINEAR * 1.5, ratio
    say(f"P6 control: a quadratic check takes {ratio:.1f} × the time for 4 × the text")
