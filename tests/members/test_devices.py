"""A device is told by two words; the rest of what a browser says is not kept."""

import pytest

from app.members.devices import device_words

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox/Windows",
    f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0": "Edge/Windows",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15": "Safari/Mac",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) {WEBKIT} Version/18.0 Mobile/15E148 Safari/604.1": "Safari/iPhone",
    f"Mozilla/5.0 (iPad; CPU OS 18_0) {WEBKIT} CriOS/156.0 Mobile/15E148 Safari/604.1": "Chrome/iPad",
    f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Safari/5": "Samsung Internet/Android",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36": "Chrome/Linux",
    "curl/8.0": "/",
    "": "/",
    "Firefox/" + "9" * 100_000: "Firefox/",
}


@pytest.mark.parametrize(("agent", "words"), AGENTS.items())
def test_a_browser_and_a_system(agent: str, words: str) -> None:
    assert device_words(agent) == words
    assert len(words) <= 80
