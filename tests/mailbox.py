"""A real mail server on loopback that keeps what it gets."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """All mail that arrived, oldest first."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusing = False
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusing:
            return "451 try again later"
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    @property
    def settings(self) -> dict[str, object]:
        """For `settings.model_copy(update=mailbox.settings)`."""
        return {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none"}

    @property
    def environment(self) -> dict[str, str]:
        """For a server of its own: `running_server({**mailbox.environment, ...})`."""
        return {f"CAFE_{name.upper()}": str(value) for name, value in self.settings.items()}

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.messages if one["To"] and address.lower() in str(one["To"]).lower()]

    def latest(self, address: str, within: float = 10) -> EmailMessage:
        """The newest mail to this address; waits for the first, at most so many seconds."""
        deadline = time.monotonic() + within
        while not self.to(address):
            if time.monotonic() > deadline:
                raise AssertionError(f"no mail to {address} in {within} s; there are {len(self.messages)} others")
            time.sleep(0.02)
        return self.to(address)[-1]

    def clear(self) -> None:
        self.messages.clear()


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


def links_in(message: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", text_of(message))


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        mailbox.port = one.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
