"""The desk: the queue, a case, a decision; and what it means for others: reports, letters, own posts, the inbox."""

from typing import Annotated, Any
from urllib.parse import urlencode

from babel.dates import format_time
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.kit.errors import NotFound
from app.kit.forms import EmptyForm, Filled, blank, filled
from app.kit.messages import N_, translate
from app.kit.pages import HERE, day, page, redirect
from app.kit.permission import open_to
from app.kit.texts import standing
from app.members.viewer import MEMBERS, MODERATORS, OpenVisit, Visit
from app.members.words import RELATION_WORDS
from app.moderation.access import case_for_deciding, case_for_reading, post_for_moderating
from app.moderation.claim import CaseMoved, claim_case, release_case
from app.moderation.decide import Choice, decide_case, preview_letter, read_judged, texts_for, wrong_in
from app.moderation.desk import Show, next_case, read_queue
from app.moderation.forms import DecisionForm, InboxForm, ReportForm
from app.moderation.inbox import mark_inbox_read, read_inbox
from app.moderation.letter import LETTER_PATH, Written, letter_for_reading, mark_letter, read_letter
from app.moderation.look import look_at_post, newest_case
from app.moderation.my_posts import read_my_posts
from app.moderation.reading import CasePage, read_case
from app.moderation.report import has_reported, post_for_reporting, report_post
from app.moderation.tables import Action, Case, CaseState, ReportReason
from app.moderation.words import ACTION_HINTS, ACTIONS, DONE, REPORT_REASONS, RULES
from app.threads.paging import Paging, paging_of
from app.threads.showing import KIND_KEYS, WISH_CARD_KEYS, WISH_ICONS

router = APIRouter()

Button = Annotated[Filled[EmptyForm], Depends(filled(EmptyForm))]
FilledDecision = Annotated[Filled[DecisionForm], Depends(filled(DecisionForm))]
FilledReport = Annotated[Filled[ReportForm], Depends(filled(ReportForm))]
FilledInbox = Annotated[Filled[InboxForm], Depends(filled(InboxForm))]
PageNumber = Annotated[str, Query(alias="page")]


# --- The queue ----------------------------------------------------------------------------------------------------


@router.get("/moderation/queue")
@open_to(MODERATORS)
def show_queue(
    visit: Visit, show: str = "all", board: str | None = None, page_number: PageNumber = "1", done: str = ""
) -> Response:
    """What waits, the most pressing first."""
    chosen = Show(show) if show in set(Show) else Show.ALL
    desk = read_queue(visit.db, visit.viewer, chosen, board, _number(page_number), visit.now)
    said = DONE[Action(done)] if done in set(DONE) else ""
    query = {"show": chosen.value, **({"board": board} if board else {})}
    return page(
        visit,
        "moderation/queue.html",
        desk=desk,
        show=chosen.value,
        board=board,
        said=said,
        kind_keys=KIND_KEYS,
        paging=_paging(visit, "show_queue", desk.page, desk.pages, **query),
    )


@router.post("/moderation/next")
@open_to(MODERATORS)
def send_next(visit: Visit, form: Button) -> Response:
    """Take up the first case that is free."""
    case_id = next_case(visit.db, visit.viewer, visit.now)
    if case_id is None:
        return redirect(visit.request, "show_queue")
    case = case_for_deciding(visit.db, visit.viewer, case_id)
    return _claimed(visit, case)


# --- One case -----------------------------------------------------------------------------------------------------


@router.get("/moderation/cases/{case_id}")
@open_to(MODERATORS)
def show_case(visit: Visit, case_id: str, done: str = "") -> Response:
    """A case with all that one needs to decide. `done`: a change was just decided on, and a report waits still."""
    case = case_for_reading(visit.db, visit.viewer, case_id)
    return _case_page(visit, case, done=DONE[Action(done)] if done in set(DONE) else "")


@router.post("/moderation/cases/{case_id}/claim")
@open_to(MODERATORS)
def send_claim(visit: Visit, case_id: str, form: Button) -> Response:
    """Take a case up, or hold it longer."""
    return _claimed(visit, case_for_deciding(visit.db, visit.viewer, case_id))


@router.post("/moderation/cases/{case_id}/release")
@open_to(MODERATORS)
def send_release(visit: Visit, case_id: str, form: Button) -> Response:
    """Put a case back for somebody else."""
    case = case_for_reading(visit.db, visit.viewer, case_id)
    release_case(visit.db, case, visit.member_id)
    return redirect(visit.request, "show_queue")


@router.post("/moderation/cases/{case_id}/decide")
@open_to(MODERATORS)
def send_decision(visit: Visit, case_id: str, form: FilledDecision) -> Response:
    """Decide, or read the letter first."""
    case = case_for_deciding(visit.db, visit.viewer, case_id)
    if form.data is None:
        return _case_page(visit, case, 422, form=form)
    judged = read_judged(visit.db, case, case.post)
    shown = read_case(visit.db, visit.viewer, case, visit.language, visit.settings, visit.now)
    choice = _choice(form.data, shown)
    try:
        if case.version != choice.case_version:
            raise CaseMoved(N_("This case is not as you saw it any more."))
        for name, message in wrong_in(choice, *texts_for(judged, choice.action)).items():
            form = form.wrong(name, message)
        if form.data is None:
            return _case_page(visit, case, 422, form=form)
        if form.data.press == "preview":
            claim_case(visit.db, case, visit.member_id, visit.settings.claim_minutes, visit.now)
            return _case_page(visit, case, form=form, letter=preview_letter(visit.db, judged, choice, visit.now))
        decide_case(visit.db, case, visit.member_id, choice, visit.now)
    except CaseMoved as moved:
        return _moved(visit, case_id, form, moved)
    said = f"done={choice.action.value}"
    if case.state is CaseState.WAITING:
        return redirect(visit.request, "show_case", query=said, case_id=case.public_id)
    return redirect(visit.request, "show_queue", query=said)


@router.get("/moderation/posts/{post_id}")
@open_to(MODERATORS)
def show_look(visit: Visit, post_id: str) -> Response:
    """A post that a moderator came across: to its case, or a button that opens one."""
    post = post_for_moderating(visit.db, visit.viewer, post_id)
    case = newest_case(visit.db, post)
    if case is not None and case.decided_at is None:
        return redirect(visit.request, "show_case", case_id=case.public_id)
    return page(visit, "moderation/look.html", post=post, earlier=case)


@router.post("/moderation/posts/{post_id}")
@open_to(MODERATORS)
def send_look(visit: Visit, post_id: str, form: Button) -> Response:
    """Open a case about a post that a moderator came across."""
    post = post_for_moderating(visit.db, visit.viewer, post_id)
    case = look_at_post(visit.db, post, visit.member_id, visit.now)
    return redirect(visit.request, "show_case", case_id=case.public_id)


def _claimed(visit: OpenVisit, case: Case) -> Response:
    try:
        claim_case(visit.db, case, visit.member_id, visit.settings.claim_minutes, visit.now)
    except CaseMoved as moved:
        return _moved(visit, case.public_id, None, moved)
    return redirect(visit.request, "show_case", case_id=case.public_id)


def _choice(data: DecisionForm, shown: CasePage) -> Choice:
    sentences = [mark.words for mark in shown.marks if mark.number in data.marks]
    if data.other_sentence:
        sentences.append(data.other_sentence)
    return Choice(data.action, data.case_version, data.rule, tuple(dict.fromkeys(sentences)), data.explanation)


def _moved(visit: OpenVisit, case_id: str, form: Filled[DecisionForm] | None, moved: CaseMoved) -> Response:
    """The case as it is now, with who was first and when. `CaseMoved` is raised before anything is written."""
    case = case_for_reading(visit.db, visit.viewer, case_id)
    return _case_page(visit, case, 409, form=form, moved=moved)


def _case_page(
    visit: OpenVisit,
    case: Case,
    status: int = 200,
    *,
    form: Filled[Any] | None = None,
    letter: Written | None = None,
    moved: CaseMoved | None = None,
    done: str = "",
) -> Response:
    shown = read_case(visit.db, visit.viewer, case, visit.language, visit.settings, visit.now)
    preset = [str(mark.number) for mark in shown.marks if mark.stops and mark.rule == shown.preset_rule]
    typed = form or blank(
        action=(shown.choices[0].value if shown.choices else ""),
        rule=shown.preset_rule,
        marks=preset,
        explanation=shown.preset_advice,
    )
    return page(
        visit,
        "moderation/case.html",
        status,
        case=shown,
        form=typed,
        letter=letter,
        moved=_moved_words(visit, shown, moved) if moved else "",
        kept=_kept(visit, form) if form and not (shown.is_open and shown.choices) else [],
        done=done if shown.waits else "",
        actions=ACTIONS,
        action_hints=ACTION_HINTS,
        rules=RULES,
        kind_keys=KIND_KEYS,
        wish_keys=WISH_CARD_KEYS,
        wish_icons=WISH_ICONS,
        relations=RELATION_WORDS,
        claim_minutes=visit.settings.claim_minutes,
    )


def _kept(visit: OpenVisit, form: Filled[Any]) -> list[tuple[str, str, str, bool]]:
    """What a moderator typed for a form that is not there any more: name, label and words."""
    labels = {"other_sentence": N_("The sentence that you copied"), "explanation": N_("How it can be said")}
    typed = ((name, translate(label, visit.language), form.values.get(name, "")) for name, label in labels.items())
    return [(name, label, words, True) for name, label, words in typed if words]


def _moved_words(visit: OpenVisit, shown: CasePage, moved: CaseMoved) -> str:
    if shown.waits and shown.holder is not None and not shown.holder.is_viewer:
        holder = shown.holder
        return standing("mod.besluit.bezet", visit.language, moderator=holder.name, minuten=holder.minutes)
    last = shown.past[0] if shown.past else None
    if not shown.waits and last is not None and last.by is not None:
        local = last.decided_at.astimezone(HERE)
        at = format_time(local, "HH:mm", locale=visit.language)
        if local.date() != visit.now.astimezone(HERE).date():
            at = f"{at}, {day(last.decided_at, visit.language)}"
        return standing("mod.besluit.al_besloten", visit.language, moderator=last.by, tijd=at)
    if shown.waits:
        return translate(N_("The text or the case changed while you were reading. Look once more."), visit.language)
    return translate(N_("The writer has withdrawn or mended it in the meantime. You need do nothing."), visit.language)


# --- A report -----------------------------------------------------------------------------------------------------


@router.get("/posts/{post_id}/report")
@open_to(MEMBERS)
def show_report(visit: Visit, post_id: str) -> Response:
    """Say what is wrong with a post; or read that we know."""
    post = post_for_reporting(visit.db, visit.viewer, post_id)
    known = has_reported(visit.db, visit.member_id, post)
    return page(visit, "moderation/report.html", post=post, form=None, known=known, reasons=_reasons(visit))


@router.post("/posts/{post_id}/report")
@open_to(MEMBERS)
def send_report(visit: Visit, post_id: str, form: FilledReport) -> Response:
    """Report a post. The page after it says that it came in, also the second time."""
    post = post_for_reporting(visit.db, visit.viewer, post_id)
    if form.data is None:
        return page(visit, "moderation/report.html", 422, post=post, form=form, known=False, reasons=_reasons(visit))
    report_post(visit.db, post, visit.member_id, form.data.reason, form.data.words, visit.now)
    return redirect(visit.request, "show_report", post_id=post.public_id)


def _reasons(visit: OpenVisit) -> list[tuple[str, str]]:
    return [(reason.value, translate(REPORT_REASONS[reason], visit.language)) for reason in ReportReason]


# --- Letters, my posts, the inbox ----------------------------------------------------------------------------------


@router.get("/my-posts")
@open_to(MEMBERS)
def show_my_posts(visit: Visit, page_number: PageNumber = "1") -> Response:
    """My posts in treatment, with what each waits for."""
    mine = read_my_posts(visit.db, visit.viewer, _number(page_number), visit.language, visit.settings, visit.now)
    paging = _paging(visit, "show_my_posts", mine.page, mine.pages)
    return page(visit, "moderation/my_posts.html", mine=mine, paging=paging)


@router.get(LETTER_PATH)
@open_to(MEMBERS)
def show_letter(visit: Visit, letter_id: str) -> Response:
    """A letter to me."""
    return page(visit, "moderation/letter.html", letter=read_letter(visit.db, visit.viewer, letter_id))


@router.post(LETTER_PATH + "/read")
@open_to(MEMBERS)
def send_letter_read(visit: Visit, letter_id: str, form: Button) -> Response:
    """I have read this letter."""
    mark_letter(visit.db, letter_for_reading(visit.db, visit.viewer, letter_id), visit.now)
    return redirect(visit.request, "show_inbox")


@router.get("/inbox")
@open_to(MEMBERS)
def show_inbox(visit: Visit, page_number: PageNumber = "1") -> Response:
    """What is new for me."""
    inbox = read_inbox(visit.db, visit.viewer, _number(page_number))
    paging = _paging(visit, "show_inbox", inbox.page, inbox.pages)
    return page(visit, "moderation/inbox.html", inbox=inbox, paging=paging)


@router.post("/inbox")
@open_to(MEMBERS)
def send_inbox_read(visit: Visit, form: FilledInbox) -> Response:
    """I have seen all this."""
    if form.data is None:
        raise NotFound
    mark_inbox_read(visit.db, visit.member_id, form.data.until, visit.now)
    return redirect(visit.request, "show_inbox")


def _paging(visit: OpenVisit, name: str, number: int, pages: int, **query: str) -> Paging:
    address = str(visit.request.app.url_path_for(name))
    return paging_of(number, pages, lambda to: f"{address}?{urlencode({**query, 'page': to})}")


def _number(text: str) -> int:
    """The number of a page in an address; whatever is odd becomes the first."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
