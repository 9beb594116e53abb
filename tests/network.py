"""Refuses every connection to another machine while the tests run (promise P10)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch


class OutsideConnection(OSError):
    """A test reached for another machine."""


@dataclass
class Outside:
    """The attempts that were made. A test that expects some empties the list."""

    attempts: list[str] = field(default_factory=list)

    def refuse(self, what: object) -> None:
        self.attempts.append(str(what))
        raise OutsideConnection(f"refused: {what} is not this machine; the forum fetches nothing")


@contextmanager
def only_this_machine() -> Iterator[Outside]:
    """Allow loopback and unix sockets only; looking up a name of another machine counts as reaching for it."""
    outside = Outside()
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo, gethostbyname = socket.getaddrinfo, socket.gethostbyname

    def check(one: socket.socket, address: Any) -> None:
        if one.family != socket.AF_UNIX and not is_this_machine(address[0]):
            outside.refuse(address)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        check(self, rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if host and not is_this_machine(host):
            outside.refuse(host)
        return getaddrinfo(host, *rest, **named)

    def guarded_gethostbyname(host: str) -> str:
        if not is_this_machine(host):
            outside.refuse(host)
        return gethostbyname(host)

    with (
        patch.object(socket.socket, "connect", guarded_connect),
        patch.object(socket.socket, "connect_ex", guarded_connect_ex),
        patch.object(socket.socket, "sendto", guarded_sendto),
        patch.object(socket, "getaddrinfo", guarded_getaddrinfo),
        patch.object(socket, "gethostbyname", guarded_gethostbyname),
    ):
        yield outside


def is_this_machine(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name.rstrip(".").lower() in {"localhost", socket.gethostname().lower()}:
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
