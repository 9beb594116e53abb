"""The forum as it really runs: `cafe serve` as a process of its own, for tests that need a port, workers or a crash."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent.parent
CAFE = [sys.executable, "-m", "app.cli"]


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def crash(self) -> None:
        """Stop it as a power cut does: all its processes at once, nothing tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_server(
    settings: Mapping[str, str], folder: Path, *, workers: int = 1, port: int = 0, within: float = 20
) -> Iterator[Server]:
    """Serve with these settings (`CAFE_…`), from this folder; ready when it answers /healthz."""
    port = port or free_port()
    log = folder / "serve.log"
    own = {
        "CAFE_BASE_URL": f"http://127.0.0.1:{port}",
        "CAFE_PORT": str(port),
        "CAFE_WORKERS": str(workers),
        "CAFE_VAR": str(folder),
        "CAFE_SECRET_KEY": secrets.token_urlsafe(32),
        **settings,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*CAFE, "serve"],
            cwd=folder,  # not the clone: anyone's own .env is not for the tests
            env=clean_environment() | own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_for(server, within)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        server.crash()


def cafe(*arguments: str, settings: Mapping[str, str], folder: Path, given: str = "") -> str:
    """Run a `cafe` command with these settings; returns what it prints, fails when it fails."""
    done = subprocess.run(
        [*CAFE, *arguments],
        cwd=folder,
        env=clean_environment() | {"CAFE_VAR": str(folder), **settings},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"cafe {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def clean_environment() -> dict[str, str]:
    """This environment without anyone's own settings of the café."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAFE_")}
    return kept | {"PYTHONPATH": str(HERE)}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(server: Server, within: float) -> None:
    deadline = time.monotonic() + within
    while True:
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(f"{server.url}/healthz", timeout=2):
            return
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the forum did not start:\n{server.log.read_text(errors='replace')}")
        time.sleep(0.05)
