"""The desk as people walk it: through the real pages, as a browser without scripts does."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.kit.mail import Mail
from app.members.tables import Role
from app.moderation.look import look_at_post
from app.moderation.tables import Action, CaseReason, ReportReason
from tests.browser import Browser
from tests.cast import Cast, post_row
from tests.moderation.desk import (
    ADVICE,
    DESPAIR,
    FIRST_POSTS,
    PHONE,
    PLAIN,
    careful_board,
    case_id_of,
    case_of,
    change,
    decide,
    decisions,
    held_reply,
    letters_to,
    now,
    open_cases,
    report,
    state_of,
)

Say = Callable[[str], None]
SENTENCE = "Ik zet een stoel naast de jouwe."


def test_a_held_reply_is_placed_in_two_taps(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    assert PLAIN in mo.read("/moderation/queue")
    taken = mo.submit("/moderation/queue", f"/moderation/cases/{case}/claim")
    assert taken.status_code == 303, taken.text
    placed = mo.submit(taken.headers["location"], f"/moderation/cases/{case}/decide")
    assert placed.status_code == 303, placed.text
    assert state_of(cast, post) == "published"
    assert PLAIN not in mo.read("/moderation/queue")
    assert [letter.kind for letter in letters_to(cast, cast.bram)] == ["geplaatst"]


def test_what_the_guard_found_stands_ready_to_go_back(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast, ADVICE)
    assert state_of(cast, post) == "blocked"
    asked = browser.as_(cast.bram).submit("/my-posts", f"/posts/{post}/ask-moderator")
    assert asked.status_code == 303
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    page = mo.read(f"/moderation/cases/{case}")
    assert "<mark>" in page
    form = {"action": "return", "case_version": "1", **_preset(page)}
    preview = mo.post(f"/moderation/cases/{case}/decide", {**form, "press": "preview"})
    assert preview.status_code == 200
    assert "Kijk je nog even naar een zin?" in preview.text
    assert not decisions(cast)[1:], "a preview decides nothing; the first row is the guard's own stop"
    sent = mo.post(f"/moderation/cases/{case}/decide", form)
    assert sent.status_code == 303, sent.text
    assert state_of(cast, post) == "returned"
    letter = letters_to(cast, cast.bram)[-1]
    assert letter.kind == "terug"
    assert "Je moet meteen stoppen met pregabaline." in letter.text


def test_a_changed_post_comes_back_on_top_in_the_same_case(browser: Browser, cast: Cast) -> None:
    board = careful_board(cast)
    post = held_reply(cast, board_id=board)
    case = case_id_of(cast, post)
    decide(cast, post, Action.RETURN, rule=3, sentences=(SENTENCE,), explanation="Zeg het anders.")
    held_reply(cast, "Een ander bericht dat langer wacht.", author=cast.nora, board_id=board)
    bram = browser.as_(cast.bram)
    assert "Zeg het anders." in bram.read(f"/letters/{letters_to(cast, cast.bram)[-1].public_id}")
    changed = bram.submit(f"/posts/{post}/edit", f"/posts/{post}/edit", {"step": "place"}, text="Ik ben er voor je.")
    assert changed.status_code == 303, changed.text
    assert case_id_of(cast, post) == case
    queue = browser.as_(cast.mo).read("/moderation/queue")
    assert queue.index("Ik ben er voor je.") < queue.index("Een ander bericht dat langer wacht.")


def test_a_restriction_without_rule_or_sentence_is_sent_back_with_the_words_kept(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    wrong = [
        {"action": "refuse"},
        {"action": "refuse", "rule": "3"},
        {"action": "refuse", "other_sentence": SENTENCE},
        {"action": "hide", "rule": "3", "other_sentence": "Dit staat er niet."},
    ]
    for form in wrong:
        answer = mo.post(
            f"/moderation/cases/{case}/decide", {"case_version": "1", "explanation": "Mijn uitleg.", **form}
        )
        assert answer.status_code == 422, form
        assert "Mijn uitleg." in answer.text
    assert state_of(cast, post) == "held"
    assert not decisions(cast)
    right = {"case_version": "1", "action": "refuse", "rule": "3", "other_sentence": SENTENCE}
    assert mo.post(f"/moderation/cases/{case}/decide", right).status_code == 303, "control: a whole one is taken"


def test_the_second_moderator_reads_who_was_first(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    case = case_id_of(cast, post)
    mo, mia = browser.as_(cast.mo), browser.as_(cast.mia)
    form = {"action": "approve", "case_version": "1"}
    assert mo.post(f"/moderation/cases/{case}/decide", form).status_code == 303
    late = mia.post(f"/moderation/cases/{case}/decide", {**form, "explanation": "Mijn woorden"})
    assert late.status_code == 409
    assert re.search(r"Al besloten door Mo om \d\d:\d\d", late.text)
    assert len(decisions(cast)) == 1


@pytest.mark.parametrize("is_decided", [True, False], ids=["decided", "held by another"])
def test_a_moderator_who_comes_too_late_keeps_what_was_typed(browser: Browser, cast: Cast, is_decided: bool) -> None:
    post = held_reply(cast)
    case = case_id_of(cast, post)
    mo, mia = browser.as_(cast.mo), browser.as_(cast.mia)
    if is_decided:
        mo.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "1"})
    else:
        mo.post(f"/moderation/cases/{case}/claim")
    words = {"explanation": "Zeg het <liever> zo.", "other_sentence": PLAIN, "rule": "3"}
    late = mia.post(f"/moderation/cases/{case}/decide", {"action": "return", "case_version": "1", **words})
    assert late.status_code == 409
    assert "Je tekst is bewaard" in late.text
    assert re.search(r"<textarea[^>]* readonly>\s*Zeg het &lt;liever&gt; zo.</textarea>", late.text)
    assert re.search(rf"<textarea[^>]* readonly>\s*{PLAIN}</textarea>", late.text)
    assert "Je tekst is bewaard" not in mia.read(f"/moderation/cases/{case}"), "control: only what was just typed"


def test_a_claim_keeps_others_off_until_it_is_put_back(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    case = case_id_of(cast, post)
    mo, mia = browser.as_(cast.mo), browser.as_(cast.mia)
    assert mo.post(f"/moderation/cases/{case}/claim").status_code == 303
    assert "Mo kijkt, nog 20 min" in mia.read("/moderation/queue")
    refused = mia.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "1"})
    assert refused.status_code == 409
    assert "Mo kijkt, nog" in refused.text
    assert mia.post(f"/moderation/cases/{case}/claim").status_code == 409
    assert mia.post(f"/moderation/cases/{case}/release").status_code == 303
    assert "Mo kijkt" in mia.read("/moderation/queue"), "only its holder puts a case back"
    assert mo.post(f"/moderation/cases/{case}/release").status_code == 303
    assert mia.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "1"}).status_code == 303


def test_a_decision_on_an_older_text_is_refused(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    bram = browser.as_(cast.bram)
    bram.submit(f"/posts/{post}/edit", f"/posts/{post}/edit", {"step": "place"}, text="Heel iets anders geschreven.")
    old = mo.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "1"})
    assert old.status_code == 409
    assert "Heel iets anders geschreven." in old.text
    assert state_of(cast, post) == "held"
    assert open_cases(cast, post) == 1
    assert mo.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "2"}).status_code == 303


def test_the_board_of_another_moderator_does_not_exist(browser: Browser, cast: Cast, say: Say) -> None:
    here, elsewhere = careful_board(cast), careful_board(cast)
    els = browser.as_(cast.make_member("Els", role=Role.MODERATOR, board_id=here))
    mine, theirs = held_reply(cast, board_id=here), held_reply(cast, "Elders geschreven.", board_id=elsewhere)
    case, other = case_id_of(cast, mine), case_id_of(cast, theirs)
    assert els.get(f"/moderation/cases/{case}").status_code == 200, "control: her own board's case is there"
    assert "Elders geschreven." not in els.read("/moderation/queue")
    nothing = els.get("/moderation/cases/aaaaaaaaaaaaaaaaaaaa")
    asked = [
        els.get(f"/moderation/cases/{other}"),
        els.post(f"/moderation/cases/{other}/claim"),
        els.post(f"/moderation/cases/{other}/release"),
        els.post(f"/moderation/cases/{other}/decide", {"action": "approve", "case_version": "1"}),
        els.get(f"/moderation/posts/{theirs}"),
        els.post(f"/moderation/posts/{theirs}"),
        browser.as_(cast.anna).get(f"/moderation/cases/{case}"),
        browser.as_(cast.anna).get("/moderation/queue"),
        browser.as_(cast.ada).get(f"/moderation/cases/{case}"),
    ]
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert _bare(asked[0].text) == _bare(nothing.text), "what is not yours looks like what is not there"
    assert state_of(cast, theirs) == "held"
    say(f"cases of another board: {len(asked)} of {len(asked)} requests found nothing; control: one found her own")


def test_nobody_decides_in_a_matter_of_their_own(browser: Browser, cast: Cast, say: Say) -> None:
    board = careful_board(cast)
    own = held_reply(cast, author=cast.mo, board_id=board)
    thread = cast.thread(board_id=board, author=cast.anna)
    cast.reply(thread, "Ik schrijf hier ook.", author=cast.mo)
    beside = cast.reply(thread, "Nog een antwoord.", author=cast.bram, house=FIRST_POSTS)
    reported = cast.reply(cast.thread(board_id=board), "Een bericht met een melding.", author=cast.bram)
    browser.as_(cast.mo).post(f"/posts/{reported}/report", {"reason": "other"})
    mo, mia = browser.as_(cast.mo), browser.as_(cast.mia)
    why = {own: "zelf geschreven", beside: "schreef zelf mee", reported: "zelf gemeld"}
    for post, reason in why.items():
        case = case_id_of(cast, post)
        page = mo.read(f"/moderation/cases/{case}")
        assert reason in page, page
        assert f"/moderation/cases/{case}/decide" not in page
        form = {"action": "keep" if post == reported else "approve", "case_version": "1"}
        assert mo.post(f"/moderation/cases/{case}/decide", form).status_code == 403
        assert mo.post(f"/moderation/cases/{case}/claim").status_code == 403
    assert not decisions(cast)
    for post in why:
        form = {"action": "keep" if post == reported else "approve", "case_version": "1"}
        assert mia.post(f"/moderation/cases/{case_id_of(cast, post)}/decide", form).status_code == 303, "control"
    say(f"own case: {len(why)} of {len(why)} refused; control: another moderator decided all {len(why)}")


def test_a_report_reaches_the_desk_and_never_names_who_made_it(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), "Het valt toch allemaal wel mee.", author=cast.bram)
    nora = browser.as_(cast.nora)
    words = "Zij las dit en huilde."
    first = nora.submit(f"/posts/{post}/report", f"/posts/{post}/report", reason="unkind", words=words)
    assert first.status_code == 303, first.text
    assert "we hebben je melding" in nora.read(f"/posts/{post}/report")
    again = nora.post(f"/posts/{post}/report", {"reason": "other"})
    assert again.status_code == 303
    case = case_id_of(cast, post)
    page = browser.as_(cast.mo).read(f"/moderation/cases/{case}")
    assert words in page
    assert page.count("Nora") == 0
    decide(cast, post, Action.HIDE, rule=3, sentences=("Het valt toch allemaal wel mee.",))
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen", "melding_ja"]
    told = letters_to(cast, cast.bram)
    assert [letter.kind for letter in told] == ["verborgen"]
    assert "Nora" not in told[0].text
    assert "Bram" not in "".join(letter.text for letter in letters_to(cast, cast.nora))
    bram = browser.as_(cast.bram)
    assert "Nora" not in bram.read(f"/letters/{told[0].public_id}") + bram.read("/my-posts")


def test_what_a_reporter_says_later_joins_the_first_report(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), "Het valt toch allemaal wel mee.", author=cast.bram)
    nora, mo = browser.as_(cast.nora), browser.as_(cast.mo)
    address = f"/posts/{post}/report"
    nora.post(address, {"reason": "unkind", "words": "Zij las dit en huilde."})
    case = case_id_of(cast, post)
    again = nora.post(address, {"reason": "unkind", "words": "Zij slaapt nu ook slecht."})
    assert again.status_code == 303
    assert "we hebben je melding" in nora.read(address)
    nora.post(address, {"reason": "unkind", "words": "Zij slaapt nu ook slecht."})
    page = mo.read(f"/moderation/cases/{case}")
    assert "Zij las dit en huilde." in page
    assert len(re.findall(r"\[\d\d-\d\d-\d{4} \d\d:\d\d\] Zij slaapt nu ook slecht\.", page)) == 1
    late = mo.post(f"/moderation/cases/{case}/decide", {"action": "keep", "case_version": "1"})
    assert late.status_code == 409, "nobody decides without having read it"
    nora.post(address, {"reason": "worried"})
    with cast.database.reading() as db:
        assert case_of(db, post).urgent
    assert "Ik maak me zorgen" in mo.read(f"/moderation/cases/{case}")
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen"]


def test_only_danger_is_heard_again_after_a_decision(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), "Het valt toch allemaal wel mee.", author=cast.bram)
    nora = browser.as_(cast.nora)
    nora.post(f"/posts/{post}/report", {"reason": "unkind", "words": "Dit is niet aardig."})
    decide(cast, post, Action.KEEP)
    nora.post(f"/posts/{post}/report", {"reason": "unkind", "words": "Ik vind het nog steeds."})
    assert open_cases(cast, post) == 0
    assert "Ik vind het nog steeds." in browser.as_(cast.mo).read(f"/moderation/cases/{case_id_of(cast, post)}")
    nora.post(f"/posts/{post}/report", {"reason": "worried", "words": "Nu maak ik me zorgen."})
    assert open_cases(cast, post) == 1


def test_a_worried_reader_and_an_unlawful_post_go_first(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    posts = [cast.reply(thread, f"Een bericht, nummer {number}.", author=cast.bram) for number in range(3)]
    reasons = (ReportReason.OTHER, ReportReason.UNLAWFUL, ReportReason.WORRIED)
    for post, reason in zip(posts, reasons, strict=True):
        browser.as_(cast.nora).post(f"/posts/{post}/report", {"reason": reason.value})
    waits = held_reply(cast, "Dit wacht gewoon.", author=cast.anna)
    assert state_of(cast, waits) == "held"
    queue = browser.as_(cast.mo).read("/moderation/queue")
    last = [queue.index("Dit wacht gewoon."), queue.index("nummer 0.")]
    order = [queue.index(f"nummer {number}.") for number in (2, 1)] + last
    assert order == sorted(order)


def test_eleven_reports_in_an_hour_are_one_too_many(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    posts = [cast.reply(thread, f"Bericht {number} van vandaag.", author=cast.bram) for number in range(11)]
    nora = browser.as_(cast.nora)
    codes = [nora.post(f"/posts/{post}/report", {"reason": "other"}).status_code for post in posts]
    assert codes == [303] * 10 + [429]


def test_a_moderator_hides_what_nobody_reported_and_another_puts_it_back(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), "Kijk, hier staat iets.", author=cast.bram)
    mo = browser.as_(cast.mo)
    opened = mo.submit(f"/moderation/posts/{post}", f"/moderation/posts/{post}")
    case = opened.headers["location"].rsplit("/", 1)[1]
    hide = {"action": "hide", "case_version": "1", "rule": "6", "other_sentence": "Kijk, hier staat iets."}
    assert mo.post(f"/moderation/cases/{case}/decide", hide).status_code == 303
    assert state_of(cast, post) == "hidden"
    mia = browser.as_(cast.mia)
    back = mia.submit(f"/moderation/posts/{post}", f"/moderation/posts/{post}").headers["location"]
    restored = mia.submit(back, back + "/decide")
    assert restored.status_code == 303, restored.text
    assert state_of(cast, post) == "published"
    assert [letter.kind for letter in letters_to(cast, cast.bram)] == ["verborgen", "hersteld"]


def test_a_change_of_a_published_post_waits_while_the_old_text_stays(browser: Browser, cast: Cast) -> None:
    thread = cast.thread()
    post = cast.reply(thread, "Ik slaap beter met een dunner laken.", author=cast.bram)
    browser.as_(cast.bram).submit(
        f"/posts/{post}/edit",
        f"/posts/{post}/edit",
        {"step": "place"},
        text="Ik slaap beter met een dunner laken. Bel me op 06-12345678, ik woon Dorpsstraat 1 in Ede.",
    )
    with cast.database.reading() as db:
        case = case_of(db, post)
    assert case.revision_number == 2
    assert "Dorpsstraat" not in browser.as_(cast.nora).read(f"/threads/{thread}")
    assert "Dorpsstraat" in browser.as_(cast.bram).read("/my-posts")
    decide(cast, post, Action.REFUSE, rule=6, sentences=("Bel me op 06-12345678, ik woon Dorpsstraat 1 in Ede.",))
    assert state_of(cast, post) == "published"
    page = browser.as_(cast.nora).read(f"/threads/{thread}")
    assert "dunner laken" in page
    assert "Dorpsstraat" not in page
    assert "De tekst die anderen lezen" in letters_to(cast, cast.bram)[-1].text


def test_a_letter_is_its_recipients_alone(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    decide(cast, post, Action.APPROVE)
    letter = letters_to(cast, cast.bram)[0].public_id
    bram = browser.as_(cast.bram)
    assert "Je bericht staat erop" in bram.read(f"/letters/{letter}")
    for person in (cast.anna, cast.mo, cast.ada):
        assert browser.as_(person).get(f"/letters/{letter}").status_code == 404
        assert browser.as_(person).post(f"/letters/{letter}/read").status_code == 404
    assert browser.get(f"/letters/{letter}").status_code == 303
    assert _dot(bram.read("/inbox")) == 1
    assert bram.post(f"/letters/{letter}/read").status_code == 303
    assert _dot(bram.read("/inbox")) == 0


def test_followers_hear_of_a_post_when_it_is_placed_and_not_before(browser: Browser, cast: Cast) -> None:
    board = careful_board(cast)
    thread = cast.thread(board_id=board, author=cast.anna)
    post = cast.reply(thread, PLAIN, author=cast.bram, house=FIRST_POSTS)
    anna = browser.as_(cast.anna)
    assert _dot(anna.read("/inbox")) == 0
    decide(cast, post, Action.APPROVE)
    assert _dot(anna.read("/inbox")) == 1
    assert "Bram" in anna.read("/inbox")
    decide_again = browser.as_(cast.mo).submit(f"/moderation/posts/{post}", f"/moderation/posts/{post}")
    assert decide_again.status_code == 303
    decide(cast, post, Action.HIDE, rule=3, sentences=(SENTENCE,))
    assert _dot(anna.read("/inbox")) == 0, "what is hidden is told no longer"
    assert "Bram" not in anna.read("/inbox")


def test_all_that_was_seen_is_read_and_what_came_later_is_new(browser: Browser, cast: Cast) -> None:
    thread = cast.thread(author=cast.anna)
    cast.reply(thread, "Het eerste antwoord.", author=cast.bram)
    anna = browser.as_(cast.anna)
    page = anna.read("/inbox")
    cast.reply(thread, "Het tweede antwoord.", author=cast.bram)
    until = re.search(r'name="until" value="(\w+)"', page)
    assert until
    anna.post("/inbox", {"until": until[1]})
    assert _dot(anna.read("/inbox")) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLAIN, "Je bericht wacht op een moderator."),
        (ADVICE, "Laat een moderator kijken"),
    ],
)
def test_my_posts_say_what_each_waits_for(browser: Browser, cast: Cast, text: str, words: str) -> None:
    post = held_reply(cast, text)
    page = browser.as_(cast.bram).read("/my-posts")
    assert words in page
    assert f"/posts/{post}/edit" in page
    assert f"/posts/{post}/withdraw" in page
    assert text not in browser.as_(cast.nora).read("/my-posts")


@pytest.mark.parametrize("is_hidden", [False, True], ids=["published", "hidden"])
def test_my_posts_show_a_change_that_the_guard_stopped(browser: Browser, cast: Cast, is_hidden: bool) -> None:
    post = cast.reply(cast.thread(), PLAIN, author=cast.bram)
    bram = browser.as_(cast.bram)
    assert "/edit" not in bram.read("/my-posts"), "control: nothing of it waits"
    if is_hidden:
        with cast.database.writing() as db:
            look_at_post(db, post_row(db, post), cast.mo.id, now())
        decide(cast, post, Action.HIDE, rule=3, sentences=(PLAIN,))
    assert change(cast, post, ADVICE).is_blocked
    page = bram.read("/my-posts")
    assert "pregabaline" in page and "Tegengehouden door de wacht" in page
    assert f"/posts/{post}/edit" in page
    assert bram.submit("/my-posts", f"/posts/{post}/ask-moderator").status_code == 303
    assert f"/posts/{post}/ask-moderator" not in bram.read("/my-posts")
    decide(cast, post, Action.REFUSE, rule=1, sentences=("Je moet meteen stoppen met pregabaline.",))
    assert f"/posts/{post}/ask-moderator" not in bram.read("/my-posts"), "a person has decided on it"
    assert change(cast, post, PLAIN).revision.number == 3
    assert state_of(cast, post) == ("hidden" if is_hidden else "published")


def test_a_report_is_not_betrayed_by_a_stopped_change(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), PLAIN, author=cast.bram)
    report(cast, post, cast.nora)
    assert change(cast, post, ADVICE).is_blocked
    page = browser.as_(cast.bram).read("/my-posts")
    assert f"/posts/{post}/ask-moderator" in page
    assert "Moderator leest" not in page


def test_somebody_in_danger_is_looked_at_though_the_post_was_withdrawn(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), DESPAIR, author=cast.bram)
    other = held_reply(cast, author=cast.bram)
    for one in (post, other):
        assert browser.as_(cast.bram).post(f"/posts/{one}/withdraw").status_code == 303
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    before = mo.read(f"/moderation/cases/{case}")
    assert "De schrijver trok het in" in before and DESPAIR in before
    left = mo.read(f"/moderation/cases/{case_id_of(cast, other)}")
    assert "De schrijver trok het in" in left and PLAIN not in left, (
        "nobody in danger: the words are the writer's alone"
    )
    letters = len(letters_to(cast, cast.bram))
    assert mo.submit(f"/moderation/cases/{case}", f"/moderation/cases/{case}/decide").status_code == 303
    assert [one.action for one in decisions(cast)] == [Action.KEEP]
    assert len(letters_to(cast, cast.bram)) == letters
    assert DESPAIR not in mo.read(f"/moderation/cases/{case}"), "somebody has looked"
    assert state_of(cast, post) == "withdrawn"


def test_whoever_worried_hears_that_the_post_was_withdrawn(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), PLAIN, author=cast.bram)
    report(cast, post, cast.nora, ReportReason.WORRIED)
    browser.as_(cast.bram).post(f"/posts/{post}/withdraw")
    decide(cast, post, Action.KEEP)
    assert [letter.kind for letter in letters_to(cast, cast.nora)] == ["melding_ontvangen", "melding_weg"]


def test_a_moderator_goes_on_with_the_report_after_a_change(browser: Browser, cast: Cast) -> None:
    post = cast.reply(cast.thread(), PLAIN, author=cast.bram)
    report(cast, post, cast.nora)
    change(cast, post, PHONE)
    mo, case = browser.as_(cast.mo), case_id_of(cast, post)
    form = {"action": "refuse", "case_version": "2", "rule": "6", "other_sentence": PHONE}
    done = mo.post(f"/moderation/cases/{case}/decide", form)
    assert done.headers["location"] == f"/moderation/cases/{case}?done=refuse"
    page = mo.read(done.headers["location"])
    assert "De melding gaat over de tekst die anderen lezen" in page
    hide = {"action": "hide", "case_version": "3", "rule": "3", "other_sentence": PLAIN}
    assert mo.post(f"/moderation/cases/{case}/decide", hide).status_code == 303
    assert "De melding gaat" not in mo.read(f"/moderation/cases/{case}?done=refuse")


def test_a_withdrawn_post_leaves_the_queue(browser: Browser, cast: Cast) -> None:
    post = held_reply(cast)
    case = case_id_of(cast, post)
    browser.as_(cast.bram).post(f"/posts/{post}/withdraw")
    assert state_of(cast, post) == "withdrawn"
    mo = browser.as_(cast.mo)
    assert PLAIN not in mo.read("/moderation/queue")
    late = mo.post(f"/moderation/cases/{case}/decide", {"action": "approve", "case_version": "1"})
    assert late.status_code in {404, 409}
    assert state_of(cast, post) == "withdrawn"


def test_no_mail_of_the_desk_says_what_it_is_about(browser: Browser, cast: Cast, say: Say) -> None:
    canary = "Zonnebloem"
    board = careful_board(cast)
    thread = cast.thread(f"Mijn {canary} groeit.", f"Titel {canary}", board_id=board, author=cast.anna)
    kinds = [(Action.APPROVE, {}), (Action.RETURN, {"rule": 3}), (Action.REFUSE, {"rule": 10})]
    for number, (action, more) in enumerate(kinds):
        text = f"Een {canary}, nummer {number}."
        post = cast.reply(thread, text, author=cast.bram, house=FIRST_POSTS)
        sentences = {"sentences": (text,)} if more else {}
        decide(cast, post, action, explanation=f"Over {canary}.", **more, **sentences)
    with cast.database.reading() as db:
        mails = list(db.scalars(select(Mail).where(Mail.recipient == "bram@voorbeeld.example")))
    assert len(mails) == len(kinds)
    secret = (canary, "Titel", "Rubriek", "regel", "Regel", "Iedereen telt", CaseReason.NEW_MEMBER.value)
    found = [word for mail in mails for word in secret if word in mail.subject + mail.text]
    assert not found
    assert canary in "".join(letter.text for letter in letters_to(cast, cast.bram)), "control: the letters do"
    say(f"mails of the desk: {len(mails)} read, 0 of {len(secret)} telling words found; control: found in the letters")


def _preset(page: str) -> dict[str, str]:
    """The rule and the first sentence that the page has chosen beforehand."""
    rule = re.search(r'<option value="(\d+)" selected', page)
    mark = re.search(r'name="marks" value="(\d+)"[^>]* checked', page)
    assert rule and mark, "the guard's finding stands ready"
    return {"rule": rule[1], "marks": mark[1]}


def _dot(page: str) -> int:
    found = re.search(r'class="dot">(\d+)', page)
    return int(found[1]) if found else 0


def _bare(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)
