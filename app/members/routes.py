"""The pages about coming in, going out, and oneself."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from app.kit.db import Database, step_out
from app.kit.errors import Conflict, Forbidden, NotFound, SignInFirst
from app.kit.forms import EmptyForm, Filled, blank, filled
from app.kit.limits import network_of
from app.kit.messages import N_
from app.kit.pages import full_address, page, redirect
from app.kit.permission import open_to
from app.members import consent, names, passwords, register
from app.members.admit import admit, check_password, member_with_hash
from app.members.ask_link import ask_link
from app.members.change_password import change_password, is_own_password
from app.members.confirm import confirm_member, knows_password
from app.members.devices import end_device, list_devices
from app.members.forms import (
    AddressForm,
    ConfirmForm,
    ConsentForm,
    NameForm,
    NewPasswordForm,
    PurposeForm,
    RelationForm,
    RoleForm,
    RulesForm,
    SignInForm,
    SignUpForm,
)
from app.members.links import Asker, member_behind, use_link
from app.members.lying_mail import lying_mails
from app.members.profile import change_relation, month_of, own_account, profile_of, read_profile
from app.members.register import SignUp
from app.members.return_to import own_path
from app.members.roles import grant_role, list_boards, list_grants, member_named, member_with_id, revoke_role
from app.members.sessions import end_sessions_of
from app.members.signin import sign_in, sign_out
from app.members.tables import LinkPurpose, Member, Purpose, Role
from app.members.viewer import ADMINISTRATORS, EVERYONE, GUESTS, MEMBERS, OpenVisit, Visit, find_viewer
from app.members.words import PURPOSE_WORDS, RELATION_WORDS, ROLE_WORDS

router = APIRouter()
# Only in the forum when `settings.development`.
dev_mail = APIRouter()

FilledEmpty = Annotated[Filled[EmptyForm], Depends(filled(EmptyForm))]
FilledConsent = Annotated[Filled[ConsentForm], Depends(filled(ConsentForm))]
FilledName = Annotated[Filled[NameForm], Depends(filled(NameForm))]
FilledRules = Annotated[Filled[RulesForm], Depends(filled(RulesForm))]
FilledSignUp = Annotated[Filled[SignUpForm], Depends(filled(SignUpForm))]
FilledConfirm = Annotated[Filled[ConfirmForm], Depends(filled(ConfirmForm))]
FilledSignIn = Annotated[Filled[SignInForm], Depends(filled(SignInForm))]
FilledAddress = Annotated[Filled[AddressForm], Depends(filled(AddressForm))]
FilledNewPassword = Annotated[Filled[NewPasswordForm], Depends(filled(NewPasswordForm))]
FilledRelation = Annotated[Filled[RelationForm], Depends(filled(RelationForm))]
FilledPurpose = Annotated[Filled[PurposeForm], Depends(filled(PurposeForm))]
FilledRole = Annotated[Filled[RoleForm], Depends(filled(RoleForm))]

# One answer for every address that does not fit.
NO_ENTRY = N_("This address and password do not belong together. Try again, or let us mail you a link.")
WRONG_PASSWORD = N_("This is not the password you have now.")
NOT_AS_CHOSEN = N_("This is not the one you chose. Try again, or leave this empty and sign in with a link by mail.")
JUST_CHANGED = N_("Your password was changed at this very moment, on another device.")
TOO_FAST = N_("That went very fast. Press the button once more, please.")
LEAVE_EMPTY = N_("This field stays empty.")
BEGIN_AGAIN = N_("It has been more than a day, so we begin again. Nothing was kept.")

# What just happened, said on the next page. The address only says which line.
SAID = {
    "password": N_("Your new password works. Everywhere else you are signed out."),
    "sign_in": N_("Your new password works. You can sign in with it now."),
    "relation": N_("Your relation is changed."),
    "device": N_("That device is signed out."),
    "given": N_("Your yes is kept. You can write now."),
    "withdrawn": N_("Your yes is taken back. You can read on; you cannot write any more."),
    "granted": N_("The role is granted. This member has to sign in again."),
    "revoked": N_("The role is taken back. This member has to sign in again."),
}

LANDINGS = {
    LinkPurpose.CONFIRM: "show_confirm",
    LinkPurpose.SIGN_IN: "show_link_sign_in",
    LinkPurpose.NEW_PASSWORD: "show_new_password",
}


# --- sign-up: four pages --------------------------------------------------------------------------------------------


@router.get("/sign-up")
@open_to(GUESTS)
def show_sign_up(visit: Visit) -> Response:
    return page(visit, "members/sign_up_consent.html", form=None)


@router.post("/sign-up/consent")
@open_to(GUESTS)
def send_sign_up_consent(visit: Visit, form: FilledConsent) -> Response:
    if form.values.get("age") != "yes":
        return page(visit, "members/sign_up_too_young.html")
    if form.data is None:
        return page(visit, "members/sign_up_consent.html", 422, form=form)
    sign_up = SignUp(began_at=visit.now.timestamp(), said={})
    purposes = [Purpose.AGE, Purpose.KEEP_HEALTH, *([Purpose.SHOW_POSTS] if form.data.show_posts else [])]
    for purpose in purposes:
        sign_up = sign_up.saying(purpose, visit.language, visit.settings)
    return _name_page(visit, sign_up, None)


@router.post("/sign-up/name")
@open_to(GUESTS)
def send_sign_up_name(visit: Visit, form: FilledName) -> Response:
    sign_up = _carried(visit, form)
    if sign_up is None or form.values.get("back"):
        return _first_page(visit, sign_up)
    name = form.data.pseudonym if form.data else names.tidy(form.values.get("pseudonym", ""))
    problem = register.problem_with_name(visit.db, name, visit.settings.name) if name else None
    form = form.wrong("pseudonym", problem) if problem else form
    if form.data is None:
        return _name_page(visit, sign_up, form, 422)
    chosen = {"relation": form.data.relation, "pseudonym": form.data.pseudonym}
    return _rules_page(visit, sign_up.model_copy(update=chosen), None)


@router.post("/sign-up/rules")
@open_to(GUESTS)
def send_sign_up_rules(visit: Visit, form: FilledRules) -> Response:
    sign_up = _carried(visit, form)
    if sign_up is None:
        return _first_page(visit, None)
    if form.values.get("back"):
        return _name_page(visit, sign_up, None)
    if form.data is None:
        return _rules_page(visit, sign_up, form, 422)
    return _mail_page(visit, sign_up.saying(Purpose.HOUSE_RULES, visit.language, visit.settings), None)


@router.post("/sign-up")
@open_to(GUESTS)
def send_sign_up(visit: Visit, form: FilledSignUp) -> Response:
    sign_up = _carried(visit, form)
    if sign_up is None or not sign_up.is_complete:
        return _first_page(visit, None)
    if form.values.get("back"):
        return _rules_page(visit, sign_up, blank(rules="yes"))
    if form.values.get("make"):
        return _mail_page(visit, sign_up, blank(email=form.values.get("email", "")), suggestion=passwords.suggest())
    if form.data is None:
        return _mail_page(visit, sign_up, form, 422)
    problems = _problems_at_the_end(visit, form.data, sign_up)
    if problems:
        return _mail_page(visit, sign_up, Filled(None, form.values, problems), 422)
    name_problem = register.problem_with_name(visit.db, sign_up.pseudonym, visit.settings.name)
    if name_problem:
        return _name_page(visit, sign_up, _chosen_name(sign_up).wrong("pseudonym", name_problem), 422)
    sent, asker = form.data, _asker(visit)
    kept = register.knock(_let_others_write(visit), visit.settings, sent.email, sent.password, asker.network, visit.now)
    register.register(visit.db, visit.settings, sign_up, sent.email, kept, asker, visit.now)
    return redirect(visit.request, "show_sign_up_sent")


@router.get("/sign-up/sent")
@open_to(GUESTS)
def show_sign_up_sent(visit: Visit) -> Response:
    return page(visit, "members/sign_up_sent.html")


def _carried(visit: OpenVisit, form: Filled[NameForm] | Filled[RulesForm] | Filled[SignUpForm]) -> SignUp | None:
    return register.carried(visit.settings.secret, form.values.get("state", ""))


def _problems_at_the_end(visit: OpenVisit, sent: SignUpForm, sign_up: SignUp) -> dict[str, str]:
    problems = {}
    if sent.website:
        problems["website"] = LEAVE_EMPTY
    if visit.now.timestamp() - sign_up.began_at < register.MIN_FORM_SECONDS:
        problems[""] = TOO_FAST
    weak = passwords.problem_with(sent.password, sent.email, sign_up.pseudonym) if sent.password else None
    if weak:
        problems["password"] = weak
    return problems


def _first_page(visit: OpenVisit, sign_up: SignUp | None) -> Response:
    if sign_up is None:
        form: Filled[ConsentForm] = blank().wrong("", BEGIN_AGAIN)
        return page(visit, "members/sign_up_consent.html", 422, form=form)
    ticked = blank(**{purpose.value: "yes" for purpose in sign_up.said})
    return page(visit, "members/sign_up_consent.html", form=ticked)


def _name_page(visit: OpenVisit, sign_up: SignUp, form: Filled[NameForm] | None, status: int = 200) -> Response:
    state = register.carry(visit.settings.secret, sign_up)
    form = form or _chosen_name(sign_up)
    return page(visit, "members/sign_up_name.html", status, form=form, state=state)


def _chosen_name(sign_up: SignUp) -> Filled[NameForm]:
    return blank(relation=sign_up.relation.value if sign_up.relation else "", pseudonym=sign_up.pseudonym)


def _rules_page(visit: OpenVisit, sign_up: SignUp, form: Filled[RulesForm] | None, status: int = 200) -> Response:
    state = register.carry(visit.settings.secret, sign_up)
    numbers = consent.RULE_NUMBERS
    return page(visit, "members/sign_up_rules.html", status, form=form, state=state, numbers=numbers)


def _mail_page(
    visit: OpenVisit, sign_up: SignUp, form: Filled[SignUpForm] | None, status: int = 200, suggestion: str = ""
) -> Response:
    state = register.carry(visit.settings.secret, sign_up)
    return page(visit, "members/sign_up_mail.html", status, form=form, state=state, suggestion=suggestion)


# --- links from a mail: looking never uses them up, the button does --------------------------------------------------


@router.get("/confirm/{secret}")
@open_to(EVERYONE)
def show_confirm(visit: Visit, secret: str) -> Response:
    member = member_behind(visit.db, secret, LinkPurpose.CONFIRM, visit.now)
    if member is None:
        return _old_link(visit)
    return _confirm_page(visit, secret, member, blank(pseudonym=member.pseudonym), member.pseudonym)


@router.post("/confirm/{secret}")
@open_to(EVERYONE)
def send_confirm(visit: Visit, secret: str, form: FilledConfirm) -> Response:
    member = member_behind(visit.db, secret, LinkPurpose.CONFIRM, visit.now)
    if member is None:
        return _old_link(visit)
    if form.data is None:
        return _confirm_page(visit, secret, member, form, member.pseudonym, 422)
    name, typed = form.data.pseudonym or member.pseudonym, form.data.password
    if register.problem_with_name(visit.db, name, visit.settings.name):
        return _confirm_page(visit, secret, member, form, name, 422)
    kept = member.password_hash if typed else None
    if kept is not None:
        database, own_secret = _let_others_write(visit), visit.settings.secret
        if not knows_password(database, own_secret, member.id, kept, typed, visit.now):
            return _confirm_page(visit, secret, member, form.wrong("password", NOT_AS_CHOSEN), name, 422)
    member = confirm_member(visit.db, secret, name, kept, visit.now)
    return sign_in(visit, member.id, redirect(visit.request, "show_welcome"))


@router.get("/welcome")
@open_to(MEMBERS)
def show_welcome(visit: Visit) -> Response:
    return page(visit, "members/welcome.html")


@router.get("/sign-in/link/{secret}")
@open_to(EVERYONE)
def show_link_sign_in(visit: Visit, secret: str) -> Response:
    if member_behind(visit.db, secret, LinkPurpose.SIGN_IN, visit.now) is None:
        return _old_link(visit)
    return page(visit, "members/link_sign_in.html", secret=secret)


@router.post("/sign-in/link/{secret}")
@open_to(EVERYONE)
def send_link_sign_in(visit: Visit, secret: str, form: FilledEmpty) -> Response:
    member = use_link(visit.db, secret, LinkPurpose.SIGN_IN, visit.now)
    if member is None:
        return _old_link(visit)
    return sign_in(visit, member.id, redirect(visit.request, "home"))


@router.get("/new-password/{secret}")
@open_to(EVERYONE)
def show_new_password(visit: Visit, secret: str) -> Response:
    if member_behind(visit.db, secret, LinkPurpose.NEW_PASSWORD, visit.now) is None:
        return _old_link(visit)
    return page(visit, "members/new_password.html", secret=secret, form=None, suggestion="")


@router.post("/new-password/{secret}")
@open_to(EVERYONE)
def send_new_password(visit: Visit, secret: str, form: FilledNewPassword) -> Response:
    member = member_behind(visit.db, secret, LinkPurpose.NEW_PASSWORD, visit.now)
    if member is None:
        return _old_link(visit)
    if form.values.get("make"):
        suggestion = passwords.suggest()
        return page(visit, "members/new_password.html", secret=secret, form=None, suggestion=suggestion)
    form = _checked_password(form, member)
    if form.data is None:
        return page(visit, "members/new_password.html", 422, secret=secret, form=form, suggestion="")
    _let_others_write(visit)
    kept = passwords.hash_password(visit.settings.secret, form.data.password)
    member = use_link(visit.db, secret, LinkPurpose.NEW_PASSWORD, visit.now)
    if member is None:
        return _old_link(visit)
    _change_password(visit, member, kept)
    return redirect(visit.request, "show_sign_in", query="said=sign_in")


def _old_link(visit: OpenVisit) -> Response:
    return page(visit, "members/link_old.html", 410)


def _confirm_page(
    visit: OpenVisit, secret: str, member: Member, form: Filled[ConfirmForm], name: str, status: int = 200
) -> Response:
    problem = register.problem_with_name(visit.db, name, visit.settings.name)
    form = form.wrong("pseudonym", problem) if problem else form
    has_one = member.password_hash is not None
    return page(visit, "members/confirm.html", status, secret=secret, pseudonym=name, has_one=has_one, form=form)


# --- sign in, sign out, forgotten ------------------------------------------------------------------------------------


@router.get("/sign-in")
@open_to(EVERYONE)
def show_sign_in(visit: Visit, next: str = "", said: str = "") -> Response:
    if visit.viewer.is_member:
        return _onward(visit, next)
    return page(visit, "members/sign_in.html", form=blank(next=own_path(next)), said=SAID.get(said, ""))


@router.post("/sign-in")
@open_to(EVERYONE)
def send_sign_in(visit: Visit, form: FilledSignIn) -> Response:
    if form.data is None:
        return page(visit, "members/sign_in.html", 422, form=form, said="")
    if form.data.link:
        ask_link(visit.db, visit.settings, LinkPurpose.SIGN_IN, form.data.email, _asker(visit), visit.now)
        return redirect(visit.request, "show_link_sent")
    fitting = check_password(
        _let_others_write(visit),
        visit.settings.secret,
        form.data.email,
        form.data.password,
        _network(visit),
        visit.now,
    )
    member = admit(visit.db, fitting) if fitting else None
    if member is None:
        return page(visit, "members/sign_in.html", 422, form=form.wrong("", NO_ENTRY), said="")
    return sign_in(visit, member.id, _onward(visit, form.data.next))


@router.get("/sign-in/sent")
@open_to(EVERYONE)
def show_link_sent(visit: Visit) -> Response:
    return page(visit, "members/link_sent.html")


@router.get("/sign-in/forgotten")
@open_to(EVERYONE)
def show_forgotten(visit: Visit) -> Response:
    return page(visit, "members/forgotten.html", form=None)


@router.post("/sign-in/forgotten")
@open_to(EVERYONE)
def send_forgotten(visit: Visit, form: FilledAddress) -> Response:
    if form.data is None:
        return page(visit, "members/forgotten.html", 422, form=form)
    ask_link(visit.db, visit.settings, LinkPurpose.NEW_PASSWORD, form.data.email, _asker(visit), visit.now)
    return redirect(visit.request, "show_link_sent")


@router.post("/sign-out")
@open_to(EVERYONE)
def send_sign_out(visit: Visit, form: FilledEmpty) -> Response:
    return sign_out(visit, redirect(visit.request, "home"))


# --- my account ------------------------------------------------------------------------------------------------------


@router.get("/account")
@open_to(MEMBERS)
def show_account(visit: Visit, said: str = "") -> Response:
    return _account_page(visit, blank(), said=SAID.get(said, ""))


@router.post("/account/relation")
@open_to(MEMBERS)
def send_relation(visit: Visit, form: FilledRelation) -> Response:
    if form.data is None:
        return _account_page(visit, form, 422)
    change_relation(visit.db, visit.member_id, form.data.relation)
    return redirect(visit.request, "show_account", query="said=relation")


@router.get("/account/password")
@open_to(MEMBERS)
def show_password(visit: Visit) -> Response:
    return _password_page(visit, None)


@router.post("/account/password")
@open_to(MEMBERS)
def send_password(visit: Visit, form: FilledNewPassword) -> Response:
    if form.values.get("make"):
        return _password_page(visit, None, suggestion=passwords.suggest())
    member = own_account(visit.db, visit.member_id)
    checked = _checked_password(form, member)
    if checked.data is None:
        return _password_page(visit, checked, 422)
    known, current, database = member.password_hash, checked.data.current_password, _let_others_write(visit)
    if not is_own_password(database, visit.settings.secret, visit.member_id, known, current, visit.now):
        return _password_page(visit, checked.wrong("current_password", WRONG_PASSWORD), 422)
    kept = passwords.hash_password(visit.settings.secret, checked.data.password)
    _change_password(visit, _still_in(visit, known), kept)
    return sign_in(visit, visit.member_id, redirect(visit.request, "show_account", query="said=password"))


@router.get("/account/devices")
@open_to(MEMBERS)
def show_devices(visit: Visit, said: str = "") -> Response:
    devices = list_devices(visit.db, visit.member_id, visit.viewer.session_id, visit.now)
    return page(visit, "members/devices.html", devices=devices, said=SAID.get(said, ""))


@router.post("/account/devices/end")
@open_to(MEMBERS)
def send_all_devices_end(visit: Visit, form: FilledEmpty) -> Response:
    end_sessions_of(visit.db, visit.member_id)
    return sign_out(visit, redirect(visit.request, "home"))


@router.post("/account/devices/{device_id}/end")
@open_to(MEMBERS)
def send_device_end(visit: Visit, device_id: str, form: FilledEmpty) -> Response:
    end_device(visit.db, visit.member_id, device_id)
    return redirect(visit.request, "show_devices", query="said=device")


@router.get("/account/consents")
@open_to(MEMBERS)
def show_consents(visit: Visit, said: str = "") -> Response:
    said_yes = consent.list_consents(visit.db, visit.member_id)
    return page(visit, "members/consents.html", consents=said_yes, purpose_words=PURPOSE_WORDS, said=SAID.get(said, ""))


@router.post("/account/consents/give")
@open_to(MEMBERS)
def send_consent(visit: Visit, form: FilledPurpose) -> Response:
    purpose = _purpose_to_choose(form)
    text_hash = consent.fingerprint(purpose, visit.language, visit.settings)
    consent.give(visit.db, visit.member_id, purpose, text_hash, visit.now)
    return redirect(visit.request, "show_consents", query="said=given")


@router.post("/account/consents/withdraw")
@open_to(MEMBERS)
def send_consent_withdrawal(visit: Visit, form: FilledPurpose) -> Response:
    consent.withdraw(visit.db, visit.member_id, _purpose_to_choose(form), visit.now)
    return redirect(visit.request, "show_consents", query="said=withdrawn")


@router.get("/members/{member_id}")
@open_to(MEMBERS)
def show_member(visit: Visit, member_id: str) -> Response:
    profile = read_profile(visit.db, member_id)
    month = month_of(profile.joined_at, visit.language)
    return page(visit, "members/member.html", profile=profile, month=month)


def _account_page(visit: OpenVisit, form: Filled[RelationForm], status: int = 200, said: str = "") -> Response:
    profile = profile_of(visit.db, own_account(visit.db, visit.member_id))
    return page(
        visit, "members/account.html", status, profile=profile, form=form, relation_words=RELATION_WORDS, said=said
    )


def _password_page(
    visit: OpenVisit, form: Filled[NewPasswordForm] | None, status: int = 200, suggestion: str = ""
) -> Response:
    has_one = own_account(visit.db, visit.member_id).password_hash is not None
    return page(visit, "members/password.html", status, form=form, has_one=has_one, suggestion=suggestion)


def _purpose_to_choose(form: Filled[PurposeForm]) -> Purpose:
    """The others belong to membership itself: they end with the account."""
    if form.data is None or form.data.purpose is not Purpose.SHOW_POSTS:
        raise Forbidden(N_("Without this yes there can be no account. Write to us if you want to leave."))
    return form.data.purpose


def _checked_password(form: Filled[NewPasswordForm], member: Member) -> Filled[NewPasswordForm]:
    if form.data is None:
        return form
    problem = passwords.problem_with(form.data.password, member.email, member.pseudonym)
    return form.wrong("password", problem) if problem else form


def _still_in(visit: OpenVisit, known: str | None) -> Member:
    """The member of this visit, when after the slow work the session still holds and the password is the same."""
    if visit.session_secret is None or find_viewer(visit.db, visit.session_secret, visit.now) is None:
        raise SignInFirst
    member = member_with_hash(visit.db, visit.member_id, known)
    if member is None:
        raise Conflict(JUST_CHANGED)
    return member


def _change_password(visit: OpenVisit, member: Member, kept: str) -> None:
    link = full_address(visit.request, "show_forgotten")
    change_password(visit.db, visit.settings, member, kept, visit.language, link, visit.now)


# --- roles -----------------------------------------------------------------------------------------------------------


@router.get("/administration/members")
@open_to(ADMINISTRATORS)
def show_members_page(visit: Visit, name: Annotated[str, Query()] = "", said: str = "") -> Response:
    member = member_named(visit.db, name) if name else None
    return page(
        visit,
        "members/members.html",
        name=name,
        profile=profile_of(visit.db, member) if member else None,
        grants=list_grants(visit.db, member.id) if member else [],
        boards=list_boards(visit.db),
        role_words=ROLE_WORDS,
        said=SAID.get(said, ""),
    )


@router.post("/administration/members/{member_id}/roles/grant")
@open_to(ADMINISTRATORS)
def send_role_grant(visit: Visit, member_id: str, form: FilledRole) -> Response:
    role, board, member = _role_of(visit, member_id, form)
    grant_role(visit.db, member, role, board, visit.member_id, visit.now)
    return _back_to(visit, member, "granted")


@router.post("/administration/members/{member_id}/roles/revoke")
@open_to(ADMINISTRATORS)
def send_role_revocation(visit: Visit, member_id: str, form: FilledRole) -> Response:
    role, board, member = _role_of(visit, member_id, form)
    revoke_role(visit.db, member, role, board)
    return _back_to(visit, member, "revoked")


def _role_of(visit: OpenVisit, member_id: str, form: Filled[RoleForm]) -> tuple[Role, str, Member]:
    if form.data is None:
        raise NotFound
    return form.data.role, form.data.board, member_with_id(visit.db, member_id)


def _back_to(visit: OpenVisit, member: Member, said: str) -> Response:
    query = urlencode({"name": member.pseudonym, "said": said})
    return redirect(visit.request, "show_members_page", query=query)


# --- trying the café on one's own machine ----------------------------------------------------------------------------


@dev_mail.get("/dev/mail")
@open_to(EVERYONE)
def show_dev_mail(visit: Visit) -> Response:
    mails = lying_mails(visit.settings.var / "mail", visit.settings.base_url)
    return page(visit, "dev/mail.html", mails=mails)


# --- whoever asks ----------------------------------------------------------------------------------------------------


def _let_others_write(visit: OpenVisit) -> Database:
    """Before the slow look at a password: let go of the visit's transaction. On SQLite a flood of wrong passwords would
    else keep everybody from writing. Rows that were read are to be read again afterwards."""
    step_out(visit.db)
    database: Database = visit.request.app.state.database
    return database


def _network(visit: OpenVisit) -> str:
    client = visit.request.client
    return network_of(client.host if client else None)


def _asker(visit: OpenVisit) -> Asker:
    def link_to(purpose: LinkPurpose, secret: str) -> str:
        return full_address(visit.request, LANDINGS[purpose], secret=secret)

    return Asker(visit.language, _network(visit), link_to, full_address(visit.request, "show_sign_in"))


def _onward(visit: OpenVisit, path: str) -> Response:
    path = own_path(path)
    return RedirectResponse(path, 303) if path else redirect(visit.request, "home")
