"""Asks axe-core what is wrong with a page (promise P73). It is no script of the page, so our strict CSP lets it be."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from playwright.sync_api import Page

VENDOR = Path(__file__).resolve().parent.parent / "vendor"
AXE = VENDOR / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALSO = ["target-size", "color-contrast-enhanced"]  # axe leaves these out unless asked

# A page without scripts has no timers either, and axe would wait for ever: what it puts off is done at once, and what
# it would only give up on after a while is left.
AT_ONCE = "window.setTimeout = (work, wait) => { if (!wait) Promise.resolve().then(work); return 0; };"


@dataclass(frozen=True)
class Violation:
    rule: str
    impact: str
    help: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help} · {' · '.join(self.places)}"


def violations(page: Page, *, enhanced_contrast: bool = False) -> list[Violation]:
    """What axe finds wrong with the page as it is shown now; `enhanced_contrast` asks for 7:1 as well."""
    return _findings(page, "violations", enhanced_contrast)


def undecided(page: Page, *, enhanced_contrast: bool = False) -> list[Violation]:
    """What axe cannot decide and a person must look at."""
    return _findings(page, "incomplete", enhanced_contrast)


def _findings(page: Page, kind: str, enhanced_contrast: bool) -> list[Violation]:
    if not page.evaluate("() => typeof window.axe === 'object'"):
        timers = AT_ONCE if page.evaluate("() => matchMedia('(scripting: none)').matches") else ""
        page.evaluate(f"() => {{ {timers} {AXE.read_text(encoding='utf-8')} }}")
    found = page.evaluate(
        """async ([tags, rules, kind]) => {
            const all = await axe.run(document, {runOnly: {type: 'tag', values: tags}, rules, resultTypes: [kind]});
            return all[kind].map(one => ({rule: one.id, impact: one.impact || '', help: one.help,
                places: one.nodes.map(node => node.target.join(' ') + ' ' + node.html.slice(0, 120))}));
        }""",
        [TAGS, {rule: {"enabled": rule != "color-contrast-enhanced" or enhanced_contrast} for rule in ALSO}, kind],
    )
    return [Violation(one["rule"], one["impact"], one["help"], tuple(one["places"])) for one in found]


def hash_of_axe() -> str:
    return sha256(AXE.read_bytes()).hexdigest()
