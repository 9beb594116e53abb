"""The walks of the café in a real Chromium, as the people walk them who come here. The four that everybody makes go
with scripts off as well (promise P79)."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.boards.access import ONLY_PATIENTS_WRITE
from app.kit import clock
from app.members.tables import Relation
from app.moderation.tables import Action, ReportReason
from app.moderation.waiting_time import waiting_words
from app.moderation.words import ACTIONS, DONE, REPORT_REASONS
from app.threads.tables import PostState, ThreadAudience
from tests.browsers import FLAGS
from tests.pages.visitors import PASSWORD, Account, Cafe, Role, Visitor, Visitors, nl, text_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])

ADVICE = "Je moet stoppen met amitriptyline."
OWN_STORY = "Ik ben gestopt met amitriptyline, in overleg met mijn arts. Bij mij werd het daarna rustiger."
DESPAIR = "Ik wil niet meer leven. Ik weet niet meer hoe het verder moet."
QUESTION = "Hoe doen jullie dat met boodschappen?"


# --- a. a stranger ---------------------------------------------------------------------------------------------------


@with_and_without_scripts
def test_a_stranger_joins_asks_a_question_and_sees_it_placed(
    cafe: Cafe, visitors: Visitors, scripts: bool, say: Callable[[str], None]
) -> None:
    name, address = ("Anna aan zee", "Anders aan zee")[scripts], f"stranger{int(scripts)}@voorbeeld.example"
    stranger = visitors(scripts=scripts)
    sign_up(stranger, name, address)
    confirm(stranger, name, address)

    stranger.tap("link", nl("To the café"))
    stranger.is_at(nl("Good to see you, %(name)s", name=name))
    read_the_newest(stranger)

    home(stranger)
    stranger.taps = 0
    stranger.tap("link", nl("Write something"))
    stranger.tap("link", "Dagelijks leven")
    stranger.type(nl("Title"), QUESTION)
    stranger.type(nl("Your text"), "Ik kom de winkel niet meer rond. Wie herkent dat?")
    stranger.tap("button", nl("Place it"))
    assert stranger.taps <= 4
    taps_to_ask = stranger.taps

    stranger.is_at(text_of("scherm.aangehouden_titel"))
    with cafe.database.reading() as db:
        stranger.sees(waiting_words(db, clock.now(), "nl"))  # the usual wait of these two weeks, not a promise
    stranger.tap("link", nl("To the conversation"))
    stranger.sees(nl("Your post waits for a moderator."))
    conversation = stranger.page.url.partition("#")[0]
    visitors(cafe.account("marja")).go(conversation, 404)

    moderator = visitors(cafe.account("willemijn"), scripts=scripts)
    about = nl("Conversation by %(name)s", name=name)
    find_case(moderator, about)
    moderator.taps = 0
    moderator.tap("button", nl("Take it up"), about)
    moderator.tap("button", nl(ACTIONS[Action.APPROVE]))
    assert moderator.taps <= 2
    moderator.sees(nl(DONE[Action.APPROVE]))

    stranger.go(conversation)
    stranger.sees_not(nl("Your post waits for a moderator."))
    visitors(cafe.account("marja")).go(conversation)
    stranger.sign_out()
    sign_in(stranger, address)
    read_letter(stranger, text_of("brief.geplaatst.titel"))
    say(f"journeys: a stranger asks with {taps_to_ask} taps, a moderator places it with {moderator.taps}")


def sign_up(stranger: Visitor, name: str, address: str) -> None:
    stranger.go("/")
    stranger.is_at(text_of("welkom.titel"))
    stranger.tap("link", text_of("welkom.knop.meedoen"))
    for key in ("aanmelden.begin.leeftijd", "toestemming.bewaren", "toestemming.tonen"):
        expect(stranger.find("checkbox", text_of(key))).not_to_be_checked()
        stranger.find("checkbox", text_of(key)).check()
    stranger.tap("button", nl("Go on"))
    stranger.type(text_of("aanmelden.naam.label"), name)
    stranger.find("radio", text_of("aanmelden.rol.lotgenoot")).check()
    stranger.tap("button", nl("Go on"))
    stranger.find("checkbox", text_of("aanmelden.regels.akkoord")).check()
    stranger.tap("button", nl("Go on"))
    for _ in range(100):  # who fills in all this within three seconds is asked to press once more
        stranger.type(text_of("aanmelden.mail.label"), address)
        stranger.page.locator("input[type=password]").fill(PASSWORD)
        stranger.tap("button", text_of("aanmelden.regels.knop"))
        if stranger.page.url.endswith("/sign-up/sent"):
            break
    stranger.sees(text_of("aanmelden.mail.verstuurd"))


def confirm(stranger: Visitor, name: str, address: str) -> None:
    letter = stranger.page.get_by_role("main").get_by_role("listitem").filter(has_text=address)
    for _ in range(100):  # the postman comes by every two seconds
        stranger.go("/dev/mail")
        if letter.count():
            break
        stranger.page.wait_for_timeout(100)
    letter.get_by_role("link").click()
    stranger.sees(name)
    password = stranger.page.get_by_role("main").locator("input[type=password]")
    if password.count():  # who chose one says it once more
        password.fill(PASSWORD)
    stranger.tap("button", nl("Yes, this is my address"))
    stranger.is_at(text_of("aanmelden.klaar.titel"))


def sign_in(visitor: Visitor, address: str) -> None:
    visitor.go("/sign-in")
    visitor.type(nl("Mail address"), address)
    visitor.page.locator("input[type=password]").fill(PASSWORD)
    visitor.tap("button", nl("Sign in"))
    expect(visitor.page.get_by_role("contentinfo").get_by_role("button", name=nl("Sign out"))).to_be_visible()


def home(visitor: Visitor) -> None:
    visitor.page.get_by_role("banner").get_by_role("link", name="Lotgenotencafé").click()
    expect(visitor.find("link", nl("Write something"))).to_be_visible()


def read_the_newest(visitor: Visitor) -> None:
    newest = visitor.page.get_by_role("region", name=nl("Written last")).get_by_role("heading", level=3).first
    title = newest.inner_text()
    newest.get_by_role("link").click()
    visitor.is_at(title)
    expect(visitor.page.get_by_role("article").first).to_be_visible()


# --- b. advice -------------------------------------------------------------------------------------------------------


@with_and_without_scripts
def test_a_member_who_gives_advice_is_stopped_and_tells_it_from_experience(
    cafe: Cafe, visitors: Visitors, scripts: bool
) -> None:
    writer = visitors(cafe.regular(), scripts=scripts)
    answer(writer, cafe.thread(cafe.account("marja")), ADVICE)
    reads_why(writer, ADVICE)
    box = writer.find("textbox", nl("Your text"))
    expect(box).to_have_value(ADVICE)
    box.fill(OWN_STORY)
    writer.tap("button", text_of("scherm.knop_aanpassen"))
    writer.sees(OWN_STORY)
    expect(writer.page.locator("article:target")).to_contain_text(OWN_STORY)
    assert writer.page.locator("article").filter(has_text=ADVICE).count() == 0


@with_and_without_scripts
def test_a_member_asks_a_moderator_gets_it_back_and_mends_it_in_place(
    cafe: Cafe, visitors: Visitors, scripts: bool
) -> None:
    account = cafe.regular()
    thread = cafe.thread(cafe.account("marja"), title=f"Slapen, vraag aan {account.pseudonym}")
    writer = visitors(account, scripts=scripts)
    answer(writer, thread, ADVICE)
    reads_why(writer, ADVICE)
    writer.tap("button", text_of("scherm.knop_verzoek"))
    writer.is_at(text_of("scherm.aangehouden_titel"))
    assert cafe.newest_state(account) is PostState.HELD

    moderator = visitors(cafe.account("willemijn"), scripts=scripts)
    about = nl("Answer by %(name)s", name=account.pseudonym)
    find_case(moderator, about)
    moderator.tap("button", nl("Take it up"), about)
    case = moderator.page.url
    moderator.page.get_by_role("radio", name=nl(ACTIONS[Action.RETURN])).check()
    moderator.find("textbox", nl("How it can be said"), nl("(may stay empty)")).fill("Vertel hoe het bij jou ging.")
    moderator.tap("button", nl("Decide and send the letter"))
    moderator.sees(nl(DONE[Action.RETURN]))

    read_letter(writer, text_of("brief.terug.titel"), ADVICE, nl("Rule %(rule)s", rule=1).lower())
    writer.tap("link", nl("To my posts"))
    writer.tap("link", nl("Change it and send it again"), nl("Answer to %(name)s", name="Marja61"))
    writer.type(nl("Your text"), OWN_STORY)
    writer.tap("button", nl("Keep the change"))
    writer.is_at(text_of("scherm.aangehouden_titel"))

    find_case(moderator, about)
    moderator.tap("button", nl("Take it up"), about)
    assert moderator.page.url == case, "a mended post comes back as the case that it was"
    moderator.sees(OWN_STORY)
    moderator.tap("button", nl(ACTIONS[Action.APPROVE]))
    assert cafe.newest_state(account) is PostState.PUBLISHED
    reader = visitors(cafe.account("marja"))
    reader.go(f"/threads/{thread}")
    reader.sees(OWN_STORY)
    reader.sees_not(ADVICE)


def answer(writer: Visitor, thread: str, text: str) -> None:
    writer.go(f"/threads/{thread}")
    writer.type(nl("Your answer"), text)
    writer.tap("button", nl("Place the answer"))


def reads_why(writer: Visitor, sentence: str) -> None:
    """The sentence, the rule that it meets, and how to tell it."""
    writer.is_at(text_of("scherm.tegengehouden_titel"))
    coach = writer.page.get_by_role("region", name=nl("Look at this sentence once more"))
    expect(coach.locator("mark")).to_have_text(sentence)
    expect(coach).to_contain_text(text_of("scherm.voorbeeld_kop"))
    rule = coach.get_by_role("link", name=text_of("regel.1.titel"))
    expect(rule).to_have_attribute("href", re.compile("#rule-1$"))


# --- c. a crisis -----------------------------------------------------------------------------------------------------


def test_who_writes_of_despair_sees_help_at_once_and_is_read_first(cafe: Cafe, visitors: Visitors) -> None:
    account = cafe.regular()
    writer = visitors(account, width=390, height=700)
    answer(writer, cafe.thread(cafe.account("marja")), DESPAIR)
    for number in ("113", "112"):
        expect(writer.page.get_by_role("main").locator(f"a[href='tel:{number}']")).to_be_in_viewport(ratio=1)
    writer.sees(text_of("crisis.bericht_vast"))
    assert cafe.newest_state(account) is PostState.HELD

    moderator = visitors(cafe.account("willemijn"))
    moderator.go("/moderation/queue")
    cases = moderator.page.get_by_role("article")
    names = cases.get_by_role("heading").all_inner_texts()
    place = names.index(nl("Answer by %(name)s", name=account.pseudonym))
    for above in range(place + 1):  # what stands above it is as urgent, and waits longer
        expect(cases.nth(above)).to_contain_text(nl("danger"))
    expect(cases.nth(place)).to_contain_text(text_of("mod.zwaar.titel"))  # nobody reads it unprepared


# --- d. a naaste -----------------------------------------------------------------------------------------------------


@with_and_without_scripts
def test_a_naaste_reads_along_and_writes_where_naasten_write(cafe: Cafe, visitors: Visitors, scripts: bool) -> None:
    patient = cafe.regular()
    title = f"Koude voeten, nacht {int(scripts)}"
    open_one = cafe.thread(patient, "dvn-klachten", title)
    among_us = cafe.thread(patient, "dvn-klachten", "Alleen voor ons", audience=ThreadAudience.LOTGENOTEN)
    naaste = visitors(cafe.regular(Relation.NAASTE), scripts=scripts)
    reason = nl(ONLY_PATIENTS_WRITE)

    naaste.go("/")
    naaste.tap("link", "DVN: leven met klachten")
    naaste.sees(reason)
    assert naaste.find("link", nl("Write something")).count() == 0
    naaste.sees_not("Alleen voor ons")
    naaste.tap("link", title)
    naaste.sees("Ik kom de winkel niet meer rond.")
    naaste.sees(reason)
    expect(naaste.find("link", nl("Where you can write"))).to_be_visible()
    naaste.go(f"/threads/{open_one}/reply/{cafe.opening_of(open_one)}", 403)
    naaste.is_at(text_of("fout.403.titel"))
    naaste.sees(reason)
    for hidden in (f"/threads/{among_us}", f"/posts/{cafe.opening_of(among_us)}", "/boards/dvn-onder-ons"):
        naaste.go(hidden, 404)
        naaste.is_at(text_of("fout.404.titel"))

    naaste.go("/boards/dvn-klachten/write", 403)
    naaste.sees(reason)
    naaste.go("/boards/dvn-klachten")
    naaste.tap("link", nl("Where you can write"))
    naaste.tap("link", "Naasten onder elkaar")
    naaste.type(nl("Title"), "Hoe zorg ik ook voor mezelf?")
    naaste.type(nl("Your text"), "Ik doe veel in huis en ben zelf ook moe. Wie herkent dat?")
    naaste.tap("button", nl("Place it"))
    naaste.is_at("Hoe zorg ik ook voor mezelf?")


# --- e. by keyboard --------------------------------------------------------------------------------------------------


def test_a_moderator_does_the_queue_by_keyboard(cafe: Cafe, visitors: Visitors, say: Callable[[str], None]) -> None:
    first, second = cafe.newcomer(), cafe.newcomer()
    for account, text in ((first, "Dank je wel, hier heb ik wat aan."), (second, "Fijn om dit te lezen.")):
        newcomer = visitors(account)
        answer(newcomer, cafe.thread(cafe.account("marja")), text)
        newcomer.is_at(text_of("scherm.aangehouden_titel"))
    moderator = visitors(cafe.account("ineke"))
    moderator.go("/moderation/queue")
    keys = Keys(moderator.page)

    keys.press("Tab")
    expect(moderator.page.get_by_role("link", name=nl("To the content"))).to_be_focused()
    keys.press("Enter")
    keys.go_to("button", nl("Take up the next one"))  # the first one after the skip link
    assert keys.pressed <= 3
    take_up = nl("Take it up")
    keys.go_to("button", take_up, nl("Answer by %(name)s", name=first.pseudonym))
    keys.press("Enter")
    expect(moderator.page).to_have_url(re.compile("/moderation/cases/"))
    keys.go_to("button", nl(ACTIONS[Action.APPROVE]))
    keys.press("Space")
    moderator.sees(nl(DONE[Action.APPROVE]))
    assert cafe.newest_state(first) is PostState.PUBLISHED

    keys.go_to("button", take_up, nl("Answer by %(name)s", name=second.pseudonym))
    keys.press("Enter")
    expect(moderator.page).to_have_url(re.compile("/moderation/cases/"))
    keys.go_to("radio", nl(ACTIONS[Action.RETURN]))
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    expect(moderator.page.get_by_role("radio", name=nl(ACTIONS[Action.RETURN]))).to_be_checked()
    keys.go_to("textbox", nl("Which sentence is it about? Copy it from the post."))
    moderator.page.keyboard.insert_text("Fijn om dit te lezen.")
    keys.go_to("combobox", nl("Which rule?"))
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.go_to("button", nl("Decide and send the letter"))
    keys.press("Enter")
    moderator.sees(nl(DONE[Action.RETURN]))
    assert cafe.newest_state(second) is PostState.RETURNED

    keys.go_to("button", nl("Take up the next one"))
    keys.press("Enter")
    expect(moderator.page).to_have_url(re.compile("/moderation/cases/"))
    say(
        f"journeys: two decisions and the next case by keyboard in {keys.pressed} keys; {keys.seen} stops all showed it"
    )


class Keys:
    """Hands that use a keyboard only. Every stop must show where one is."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed, self.seen = page, 0, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def go_to(self, role: Role, name: str, about: str = "") -> None:
        """Tab on until this has the focus."""
        wanted = self.page.get_by_role(role, name=re.compile(f"^{re.escape(name)}.*{re.escape(about)}")).first
        wanted.wait_for()
        for _ in range(120):
            if self._has_focus(wanted):
                return
            self.press("Tab")
            self._shows()
        raise AssertionError(f"Tab never comes to {role} {name!r}")

    def _has_focus(self, wanted: Locator) -> bool:
        return bool(wanted.evaluate("one => one === document.activeElement"))

    def _shows(self) -> None:
        """An outline on what has the focus, or on the row or the choice around it; and inside the window."""
        what = self.page.evaluate(
            """() => {
                const one = document.activeElement;
                if (one === document.body) return 'ok';
                const around = [one, one.closest('label')].filter(Boolean);
                const styles = [...around.map(it => getComputedStyle(it)), getComputedStyle(one, '::after')];
                const ring = styles.some(it => it.outlineStyle !== 'none' && parseFloat(it.outlineWidth) >= 2);
                const box = one.getBoundingClientRect();
                const there = box.bottom > 0 && box.top < innerHeight;
                return ring && there ? 'ok' : `${one.outerHTML.slice(0, 120)} ring ${ring}, in view ${there}`;
            }"""
        )
        assert what == "ok", f"no focus to see: {what}"
        self.seen += 1


# --- f. going home ---------------------------------------------------------------------------------------------------


@pytest.fixture
def remembering_page(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """A Chromium that keeps pages for its Back button, as people's own do and Playwright's does not."""
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=[*FLAGS, "--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield lambda url: browser.new_page(base_url=url, locale="nl-NL")
    browser.close()


def test_after_signing_out_back_shows_nothing_of_the_members(
    cafe: Cafe, remembering_page: Callable[[str], Page]
) -> None:
    words = "Ik tel de treden van onze trap."
    thread = cafe.thread(cafe.account("marja"), title="Treden tellen", text=words)
    page = remembering_page(cafe.url)
    account = cafe.regular()
    page.context.add_cookies([{"name": "s", "value": account.secret, "url": cafe.url}])
    page.goto(f"/threads/{thread}")
    expect(page.get_by_text(words)).to_be_visible()  # the control: before leaving, it is there
    page.goto("/account")
    page.go_back(wait_until="commit")
    expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("contentinfo").get_by_role("button", name=nl("Sign out")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(text_of("welkom.titel"))
    for _ in range(2):
        page.go_back(wait_until="commit")
        for left in (words, "Treden tellen", account.pseudonym):
            assert left not in page.content()


# --- g. a report -----------------------------------------------------------------------------------------------------


@with_and_without_scripts
def test_a_report_is_received_looked_at_and_answered(cafe: Cafe, visitors: Visitors, scripts: bool) -> None:
    writer, reporter_account = cafe.regular(), cafe.regular()
    thread = cafe.thread(cafe.account("marja"), title=f"Sokken, vraag van {int(scripts)}")
    cafe.reply(thread, writer, "Ik draag thuis nooit sokken. Dat vind ik fijn.")
    reporter = visitors(reporter_account, scripts=scripts)
    reporter.go(f"/threads/{thread}")
    reporter.open_more(writer.pseudonym)
    reporter.tap("link", nl("Report"), writer.pseudonym)
    reporter.find("radio", nl(REPORT_REASONS[ReportReason.OTHER])).check()
    reporter.tap("button", nl("Send the report"))
    reporter.is_at(nl("Thank you, we have your report"))
    reporter.sees(text_of("wachttijd.melding"))
    read_letter(reporter, text_of("brief.melding_ontvangen.titel"))

    moderator = visitors(cafe.account("willemijn"), scripts=scripts)
    about = nl("Answer by %(name)s", name=writer.pseudonym)
    find_case(moderator, about, show="reports")
    moderator.tap("button", nl("Take it up"), about)
    moderator.sees_not(reporter_account.pseudonym)
    moderator.tap("button", nl(ACTIONS[Action.KEEP]))
    moderator.sees(nl(DONE[Action.KEEP]))
    read_letter(reporter, text_of("brief.melding_nee.titel"))
    assert cafe.newest_state(writer) is PostState.PUBLISHED


# --- h. one's own words ----------------------------------------------------------------------------------------------


def test_a_member_previews_quotes_changes_and_withdraws_an_answer(cafe: Cafe, visitors: Visitors) -> None:
    author, account = cafe.regular(), cafe.regular()
    thread = cafe.thread(author, title="Een stoel in de douche", text="Ik douche nu zittend. Dat scheelt.")
    writer = visitors(account)
    writer.go(f"/threads/{thread}")
    writer.open_more(author.pseudonym)
    writer.tap("link", nl("Quote"), author.pseudonym)
    box = writer.find("textbox", nl("Your answer"))
    expect(box).to_have_value(re.compile("^> Ik douche nu zittend. Dat scheelt."))
    box.fill(f"{box.input_value()}Bij mij ook. Ik heb een **klapstoel**.")
    writer.tap("button", nl("Look at it first"))
    preview = writer.page.get_by_role("region", name=nl("This is how it will look"))
    expect(preview.get_by_role("blockquote")).to_contain_text("Dat scheelt.")
    expect(preview.get_by_role("strong")).to_have_text("klapstoel")
    expect(box).to_have_value(re.compile("klapstoel"))
    writer.tap("button", nl("Place the answer"))
    mine = writer.page.get_by_role("article", name=account.pseudonym)
    expect(mine.get_by_role("strong")).to_have_text("klapstoel")

    writer.tap("link", nl("Change"), account.pseudonym)
    box = writer.find("textbox", nl("Your text"))
    box.fill(box.input_value().replace("klapstoel", "krukje"))
    writer.tap("button", nl("Keep the change"))
    expect(mine.get_by_role("strong")).to_have_text("krukje")
    expect(mine).to_contain_text(nl("edited"))

    post = writer.page.url.partition("#")[2]
    answered = writer.page.get_by_role("article", name=account.pseudonym).get_attribute("id")
    assert post == answered
    cafe.reply(thread, author, "Een krukje, dat is een idee.", to=_post_id(writer, account))
    writer.go(f"/threads/{thread}")
    writer.open_more(account.pseudonym)
    writer.tap("link", nl("Withdraw"), account.pseudonym)
    writer.tap("button", nl("Yes, withdraw it"))
    reader = visitors(cafe.account("marja"))
    reader.go(f"/threads/{thread}")
    reader.sees(nl("Withdrawn by the writer"))
    reader.sees("Een krukje, dat is een idee.")
    reader.sees_not(account.pseudonym)


def _post_id(writer: Visitor, account: Account) -> str:
    writer.open_more(account.pseudonym)
    address = writer.find("link", nl("Address of this post"), account.pseudonym).get_attribute("href") or ""
    return address.rpartition("/")[2]


def test_the_address_of_a_post_leads_to_its_place_on_a_later_page(cafe: Cafe, visitors: Visitors) -> None:
    reader = visitors(cafe.account("marja"))
    reader.go(f"/threads/{cafe.longest_thread()}?page_number=2")
    last = reader.page.get_by_role("article").last
    anchor, heading = last.get_attribute("id"), last.get_by_role("heading").text_content() or ""
    last.locator("summary").last.click()
    address = last.get_by_role("link", name=nl("Address of this post")).get_attribute("href") or ""
    other = visitors(cafe.account("marja"))
    other.go(address)
    assert other.page.url.endswith(f"?page_number=2#{anchor}")
    target = other.page.locator("article:target")
    expect(target.get_by_role("heading")).to_have_text(heading)
    expect(target).to_be_in_viewport()


# --- what these have in common ---------------------------------------------------------------------------------------


def find_case(moderator: Visitor, about: str, show: str = "all") -> None:
    """Go to the page of the queue where this case waits."""
    for number in range(1, 6):
        moderator.go(f"/moderation/queue?show={show}&page={number}")
        if moderator.find("button", nl("Take it up"), about).count():
            return
    raise AssertionError(f"{about!r} is not in the queue")


def read_letter(member: Visitor, title: str, *words: str) -> None:
    """Find the newest letter in the inbox, and read it."""
    member.page.goto("/inbox")
    member.page.get_by_role("main").get_by_role("link", name=title, exact=True).first.click()
    member.is_at(title)
    for one in words:
        member.sees(one)
