"""The mail that lies in `var/mail` because there is no mail server, for whoever tries the café on their own machine."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

MOST = 50


@dataclass(frozen=True)
class LyingMail:
    """A mail as a page shows it; its text in lines of pieces, each with an address of our own to click on or none."""

    recipient: str
    subject: str
    lines: list[list[tuple[str, str]]]


def lying_mails(folder: Path, base_url: str) -> list[LyingMail]:
    """The mails in a folder, the newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [_read(file, base_url) for file in files[:MOST]]


def _read(file: Path, base_url: str) -> LyingMail:
    message = message_from_bytes(file.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    lines = [_in_pieces(line, base_url) for line in text.splitlines() if line.strip()]
    return LyingMail(str(message["To"]), str(message["Subject"]), lines)


def _in_pieces(line: str, base_url: str) -> list[tuple[str, str]]:
    parts = re.split(rf"({re.escape(base_url)}/[\w/-]*)", line)
    return [(part, part.removeprefix(base_url) if place % 2 else "") for place, part in enumerate(parts)]
