"""What is refused is raised: each refusal undoes the transaction and becomes a page with its reason."""


class Refusal(Exception):
    """A request that is refused. `reason` is a message id, shown in the visitor's language."""

    status = 400

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Refusal):
    """It does not exist, or you may not see it: the answer is the same."""

    status = 404


class Forbidden(Refusal):
    """You see it, but may not do this with it; the reason says why."""

    status = 403


class Conflict(Refusal):
    """It changed in the meantime; the reason says what to do."""

    status = 409


class TooLarge(Refusal):
    """More was sent than we read."""

    status = 413


class TooMany(Refusal):
    """Too often in a short time; `seconds` says when it may again."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class SignInFirst(Refusal):
    """A guest asks for something of members: off to the sign-in page."""

    status = 403
