"""The moderators: three at a time take up the next case, read it, and decide as the corpus wants, until none waits."""

import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from threading import Lock

from replaying.browser import BrokenPage, Form, Page
from replaying.cast import Person
from replaying.posts import APPROVED, REFUSED, RETURNED, Text
from replaying.search import plain

TYPED = re.compile(r'<p class="text">(.*?)</p>', re.S)
WRONG = re.compile(r'<p class="wrong"[^>]*>.*?<span>(.*?)</span>', re.S)
CASE = re.compile(r"^/moderation/cases/\w+$")
# The house rule that a label of the corpus falls under, where the guard chose none beforehand.
RULES = {
    "crisis": "10",
    "medication_trade": "8",
    "commercial": "8",
    "misinformation_cure": "2",
    "medical_advice": "1",
    "personal_data": "6",
    "abuse": "3",
}
NOTHING: dict[str, str | list[str]] = {}
STATES = {"approve": APPROVED, "return": RETURNED, "refuse": REFUSED}


@dataclass
class Desk:
    """What the moderators did."""

    by_action: dict[str, int] = field(default_factory=dict)
    by_person: dict[str, int] = field(default_factory=dict)
    preset: int = 0  # restrictions for which rule and sentence stood ready
    by_hand: int = 0
    races: int = 0  # somebody else was first
    left: int = 0  # cases that the queue still shows at the end
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @property
    def decided(self) -> int:
        return sum(self.by_action.values())


def empty_queue(moderators: list[Person], texts: list[Text]) -> Desk:
    """All moderators at once, until the queue's page says that nothing waits."""
    desk = Desk()
    by_words = {plain(text.words): text for text in texts}
    with ThreadPoolExecutor(len(moderators)) as pool:
        for done in [pool.submit(_work, desk, moderator, by_words) for moderator in moderators]:
            done.result()
    page = moderators[0].browser.get("/moderation/queue?show=all")
    desk.left = page.html.count('<article class="case"')
    return desk


def _work(desk: Desk, moderator: Person, by_words: Mapping[str, Text]) -> None:
    browser, failed = moderator.browser, 0
    while failed < 5:
        page = browser.get("/moderation/queue")
        if page.status != 200:
            desk.wrong.append(f"the queue answers {page.status}")
            return
        if '<article class="case"' not in page.html:
            return
        page = browser.send(page.form("/moderation/next$"))
        if page.path == "/moderation/queue":  # the others have all that is left
            time.sleep(0.2)
        elif page.status == 409:
            with desk.lock:
                desk.races += 1
        else:
            try:
                _decide(desk, moderator, page, by_words)
            except BrokenPage as problem:
                failed += 1
                with desk.lock:
                    desk.wrong.append(str(problem))


def _decide(desk: Desk, moderator: Person, page: Page, by_words: Mapping[str, Text]) -> None:
    if page.status != 200 or not CASE.match(page.path):
        raise BrokenPage(f"taking up the next case led to {page.status} {page.path}")
    typed = TYPED.search(page.html)
    words = unescape(re.sub("<[^>]*>", "", typed[1])) if typed else ""
    text = by_words.get(plain(words))
    if text is None:
        raise BrokenPage(f"{page.path} shows a text that nobody sent")
    action = _action_for(text)
    if action == "approve":
        form, given, preset = _quick_form(page), NOTHING, False
    else:
        form = page.form(f"{page.path}/decide$", "marks") if _has_marks(page) else page.form("/decide$", "rule")
        given, preset = _restriction(form, text, action, words)
    answer = moderator.browser.send(form, "decide" if action != "approve" else None, **given)
    if answer.status == 409:
        with desk.lock:
            desk.races += 1
        return
    if answer.path != "/moderation/queue":
        said = "; ".join(WRONG.findall(answer.html))
        raise BrokenPage(f"to {action} {text.id} led to {answer.status} {answer.path}: {said}")
    with desk.lock:
        text.state, text.decisions = STATES[action], text.decisions + 1
        desk.by_action[action] = desk.by_action.get(action, 0) + 1
        desk.by_person[moderator.name] = desk.by_person.get(moderator.name, 0) + 1
        if action != "approve":
            desk.preset += preset
            desk.by_hand += not preset


def _action_for(text: Text) -> str:
    """What the corpus wants: place what is fine, back to its writer what may be mended, refuse the rest."""
    if text.gold in ("", "publish"):
        return "approve"
    return "refuse" if text.gold == "block" or "crisis" in text.labels else "return"


def _quick_form(page: Page) -> Form:
    for form in page.forms:
        if form.action == f"{page.path}/decide" and form.value("action") == "approve":
            return form
    raise BrokenPage(f"{page.path} has no button to place the post")


def _has_marks(page: Page) -> bool:
    return any("marks" in form.offered for form in page.forms)


def _restriction(form: Form, text: Text, action: str, words: str) -> tuple[dict[str, str | list[str]], bool]:
    """What a moderator fills in: nothing where the guard's rule and sentence stand ready, else the first sentence."""
    given: dict[str, str | list[str]] = {"action": action}
    rule, marks = form.chosen.get("rule", ["0"])[0], form.chosen.get("marks", [])
    if rule == "0":
        given["rule"] = next((number for label, number in RULES.items() if label in text.labels), "11")
    if not marks and form.offered.get("marks"):
        given["marks"] = form.offered["marks"][:1]
    elif not marks:
        given["other_sentence"] = re.split(r"(?<=[.!?])\s", words.strip(), maxsplit=1)[0][:900]
    return given, len(given) == 1
