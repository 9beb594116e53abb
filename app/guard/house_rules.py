"""House rules that look at links and ages rather than at sentences."""

import re
import tomllib

from app.guard.lexicon import FOLDER, KnowledgeError
from app.guard.normalise import Plain
from app.guard.rules import Ruleset
from app.guard.verdict import Finding

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\"']{1,300}|(?<![\w@.-])[a-z0-9-]{2,40}\.(?:nl|be|com|net|org|eu|example|shop|info)"
    r"(?:/[^\s<>()\"']{0,200})?(?![\w@])",
    re.IGNORECASE,
)
_YOUNG = re.compile(
    r"\bik ben (?:pas |nu |nog maar )?(?:1[0-5]|tien|elf|twaalf|dertien|veertien|vijftien)(?: jaar)?(?: oud)?"
    r"(?=\s*(?:[,.!?]|en\b|maar\b|want\b|$))",
    re.IGNORECASE,
)
_SORTS = ("trusted", "shops", "surveys", "profiles", "money")


def load_links() -> dict[str, tuple[str, ...]]:
    """The domains by sort. Raises KnowledgeError when a sort is missing."""
    table = tomllib.loads((FOLDER / "links.toml").read_text("utf-8"))
    if set(table) != set(_SORTS):
        raise KnowledgeError("links.toml: needs " + ", ".join(_SORTS))
    return {sort: tuple(table[sort]) for sort in _SORTS}


LINKS = load_links()
_PATTERN_OF = {
    "money": "handel_inzameling",
    "surveys": "onderzoek_enquete",
    "profiles": "gegevens_profiel",
    "shops": "handel_winkellink",
}


def findings(ruleset: Ruleset, text: str, plain: Plain) -> list[Finding]:
    """Links to shops, surveys, collections and profiles; a writer who says they are younger than sixteen."""
    found: list[Finding] = []
    for match in _LINK.finditer(plain.text):
        pattern = link_pattern(match.group())
        if pattern is not None:
            found.append(finding(ruleset, text, plain, pattern, match.start(), match.end()))
    found += [finding(ruleset, text, plain, "leeftijd", *match.span()) for match in _YOUNG.finditer(plain.text)]
    return found


def finding(ruleset: Ruleset, text: str, plain: Plain, pattern: str, start: int, end: int) -> Finding:
    """A finding of this pattern at a stretch of the plain text."""
    kind = ruleset.kinds[pattern]
    first, last = plain.span(start, end)
    return Finding(pattern, kind.label, kind.rule, first, last, kind.outcome, None, text[first:last])


def link_pattern(address: str) -> str | None:
    """The pattern that a link breaks, if any. Judged by its domain, so that a word in a path does no harm."""
    lower = address.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    domain, _, path = lower.partition("/")
    if any(domain == one or domain.endswith("." + one) for one in LINKS["trusted"]):
        return None
    if "ref=" in path or "aff=" in path or "affiliate" in path:
        return "handel_affiliate"
    for sort in ("money", "surveys", "profiles", "shops"):
        if any(_matches(one, domain, lower) for one in LINKS[sort]):
            return _PATTERN_OF[sort]
    return None


def _matches(entry: str, domain: str, whole: str) -> bool:
    if "/" in entry:
        return whole.startswith(entry)
    if "." in entry:
        return domain == entry or domain.endswith("." + entry)
    return entry in domain
