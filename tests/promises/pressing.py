"""Every form of every thing, sent by every role, each time undone: for the promises about who may do what."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.kit import clock
from app.main import every_route
from app.members.register import SignUp, carry
from app.members.tables import Purpose, Relation
from app.moderation.tables import Case
from tests.promises.crawl import Crawl, Fresh, kept, places_of
from tests.promises.world import ROLES, Sent, World, asking, undone


def forms(world: World) -> dict[str, Sent]:
    """What the form of each route takes, so that it does what it is for; a new route with a form belongs here."""
    secret = world.forum.state.settings.secret
    said = dict.fromkeys((Purpose.AGE, Purpose.KEEP_HEALTH, Purpose.HOUSE_RULES), "0" * 64)
    sign_up = SignUp(
        began_at=clock.now().timestamp() - 60, said=said, relation=Relation.LOTGENOOT, pseudonym="Sietske Anders"
    )
    carried = {"state": carry(secret, sign_up)}
    section = {"title": "GBS", "description": "Voor wie GBS had.", "diagnosis": "", "position": "3"}
    board = {
        "section": "s-dagelijks", "title": "Slapen", "description": "Over nachten.", "position": "2",
        "readers": ["lotgenoot", "being_examined"], "writers": ["lotgenoot"], "moderation_mode": "guard_only",
    }  # fmt: skip
    words = {"text": "Ik ga nu vroeg naar bed.", "step": "place"}
    return {
        "send_display": {"language": "nl", "theme": "dark", "size": "2", "lines": "1", "saver": "0"},
        "send_new_section": {**section, "slug": "nieuw"},
        "send_section": section,
        "send_new_board": {**board, "slug": "nieuw"},
        "send_board": board,
        "send_sign_up_consent": {"age": "yes", "keep_health": "yes", "show_posts": "yes"},
        "send_sign_up_name": {**carried, "relation": "lotgenoot", "pseudonym": "Sietske Anders"},
        "send_sign_up_rules": {**carried, "rules": "yes"},
        "send_sign_up": {**carried, "email": "sietske@voorbeeld.example", "password": ""},
        "send_confirm": {},
        "send_link_sign_in": {},
        "send_new_password": {"make": "1"},
        "send_sign_in": {"email": "sietske@voorbeeld.example", "link": "1"},
        "send_forgotten": {"email": "sietske@voorbeeld.example"},
        "send_sign_out": {},
        "send_relation": {"relation": "being_examined"},
        "send_password": {"make": "1"},
        "send_all_devices_end": {},
        "send_device_end": {},
        "send_consent": {"purpose": "show_posts"},
        "send_consent_withdrawal": {"purpose": "show_posts"},
        "send_role_grant": {"role": "greeter", "board": ""},
        "send_role_revocation": {"role": "greeter", "board": ""},
        "send_opening": {**words, "title": "Slapen"},
        "send_reply": words,
        "send_ask_moderator": {},
        "send_edit": {**words, "seen": "1"},
        "send_withdraw": {},
        "send_follow": {},
        "send_unfollow": {},
        "send_next": {},
        "send_claim": {},
        "send_release": {},
        "send_decision": {"action": "approve", "press": "decide"},
        "send_look": {},
        "send_report": {"reason": "other", "words": "Kijk eens."},
        "send_letter_read": {},
        "send_inbox_read": {"until": world.things["notification", "owners"]},
        "send_steering": {"act": "pin"},
    }


def form_for(world: World, name: str, state: str) -> Sent:
    """The form of a route about a thing in this state: a decision names its version, and what is possible."""
    form = dict(forms(world)[name])
    if name == "send_decision" and ("case", state) in world.things:
        with world.database.reading() as db:
            case = db.scalars(select(Case).where(Case.public_id == world.things["case", state])).one()
        form |= {"case_version": str(case.version), "action": "approve" if state == "held" else "keep"}
    return form


def press(world: World) -> Crawl:
    places = places_of(world, "POST")
    names = {f"POST {route.path}": route.name for route in every_route(world.forum)}
    answers = []
    with asking(world) as ask, undone(world) as database:
        for path, (route, state) in places.items():
            form = form_for(world, names[route], state)
            for role in ROLES:
                database.wrote.clear()
                answers.append(replace(ask.post(role, path, form), wrote=len(database.wrote)))
    return Crawl(tuple(answers), places, (), (), dict(world.canaries))


@pytest.fixture(scope="session")
def pressed(fresh_database: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Every form, sent by every role."""
    return kept(tmp_path_factory, fresh_database, "pressed", press)
