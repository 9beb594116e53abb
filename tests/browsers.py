"""A real Chromium for the journeys. A page that reaches for another machine, or breaks its own CSP, fails its test."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

NewPage = Callable[..., Page]


@dataclass
class Complaints:
    """What went wrong in the pages of one test."""

    found: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._address(request.url))
        context.on("weberror", lambda error: self.found.append(f"script: {error.error}"))
        context.on("console", lambda message: self._console(message.text))

    def _address(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname not in {"127.0.0.1", "localhost"}:
            self.found.append(f"reached for another machine: {url}")

    def _console(self, text: str) -> None:
        if re.search("Content Security Policy|Trusted ?Type", text, re.IGNORECASE):
            self.found.append(f"against the CSP: {text}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, one for the session; each test opens contexts of its own in it."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing; `make test` installs it or says how")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of this test did wrong; a test that plants a fault takes it out of the list again."""
    complaints = Complaints()
    yield complaints
    assert not complaints.found, "\n".join(complaints.found)


@pytest.fixture
def new_page(chromium: Browser, complaints: Complaints) -> Iterator[NewPage]:
    """Opens a page of a visitor of its own (no cookies shared): `new_page(server.url, width=320, dark=True)`."""
    contexts: list[BrowserContext] = []

    def new_page(
        base_url: str | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
        still: bool = True,
        forced_colors: bool = False,
        more_contrast: bool = False,
        locale: str = "nl-NL",
        **others: Any,
    ) -> Page:
        scheme: Literal["dark", "light"] = "dark" if dark else "light"
        context = chromium.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce" if still else "no-preference",
            forced_colors="active" if forced_colors else "none",
            contrast="more" if more_contrast else "no-preference",
            locale=locale,
            timezone_id="Europe/Amsterdam",
            service_workers="block",
            **others,
        )
        context.set_default_timeout(10_000)
        complaints.listen(context)
        contexts.append(context)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
