"""What guests and members send about themselves."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field

from app.kit.forms import SentForm, wrong
from app.kit.messages import N_
from app.members import names
from app.members.passwords import LONGEST
from app.members.tables import Purpose, Relation, Role

NO_ADDRESS = N_("This does not look like a mail address. It has an @ in it, such as name@example.nl.")


def _mail_address(text: str) -> str:
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        raise wrong(NO_ADDRESS) from None
    assert address is not None
    if "=?" in address:  # an encoded word: mail programs read another address in it
        raise wrong(NO_ADDRESS)
    return address.lower()


def _ticked(message: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value != "yes":
            raise wrong(message)
        return True

    return BeforeValidator(check)


EmailText = Annotated[str, Field(max_length=254), AfterValidator(_mail_address)]
PasswordText = Annotated[str, Field(max_length=LONGEST)]


class ConsentForm(SentForm):
    """Step 1. Age stands apart: who is younger gets a page of their own."""

    age: str = ""
    keep_health: Annotated[
        bool, Field(validate_default=True), _ticked(N_("Without this yes the café cannot keep an account for you."))
    ] = False
    show_posts: str = ""


class NameForm(SentForm):
    """Step 2."""

    state: str
    back: str = ""
    relation: Relation
    pseudonym: Annotated[str, AfterValidator(names.tidy)]


class RulesForm(SentForm):
    """Step 3."""

    state: str
    back: str = ""
    rules: Annotated[
        bool, Field(validate_default=True), _ticked(N_("Tick this box when you have read the house rules."))
    ] = False


class SignUpForm(SentForm):
    """Step 4. `website` is a field that people do not see; machines fill it in."""

    state: str
    back: str = ""
    make: str = ""
    email: EmailText
    password: PasswordText = ""
    website: str = ""


class ConfirmForm(SentForm):
    """The button behind the link, with the password from sign-up for who wants to keep it, and with another name when
    the chosen one was taken in the meantime."""

    pseudonym: Annotated[str, AfterValidator(names.tidy)] = ""
    password: PasswordText = ""


class SignInForm(SentForm):
    """One form, two buttons: with a password, or a link by mail."""

    email: EmailText
    password: PasswordText = ""
    link: str = ""
    next: str = ""


class AddressForm(SentForm):
    """Where to mail a link."""

    email: EmailText


class NewPasswordForm(SentForm):
    """A new password; `make` asks for a suggestion. `current_password` only where one is signed in."""

    current_password: PasswordText = ""
    password: PasswordText = ""
    make: str = ""


class RelationForm(SentForm):
    relation: Relation


class PurposeForm(SentForm):
    """Which yes is given or taken back."""

    purpose: Purpose


class RoleForm(SentForm):
    """A role, in one board or (empty) in all."""

    role: Role
    board: Annotated[str, Field(max_length=40)] = ""
