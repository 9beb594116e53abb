"""A small sample of `make replay`, so that it keeps working: three members, thirty texts, SQLite."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import clean_environment

HERE = Path(__file__).resolve().parent.parent
REPLAY = [sys.executable, "scripts/replay", "--posts", "30", "--members", "3", "--database", "sqlite"]


@pytest.mark.browser  # it takes as long as a journey, and drives the real forum as one
@pytest.mark.timeout(900)
def test_a_sample_of_the_replay_holds() -> None:
    done = subprocess.run(REPLAY, cwd=HERE, env=clean_environment(), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.search(r"published \+ held \+ blocked = sent: \d+ \+ \d+ \+ \d+ = 30 of 30$", said, re.M), said
    assert re.search(r"^  leaks +0$", said, re.M), said
    assert re.search(r"^  answers of 500 or more +0$", said, re.M), said
    assert re.search(r"^  letters +(\d+) of \1, 3 of 3 authors$", said, re.M), said
    assert int(re.search(r"^  comparisons +([\d,]+)$", said, re.M)[1].replace(",", "")) > 10_000  # type: ignore[index]
    print(said)
