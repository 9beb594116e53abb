"""Cuts the corpus in two: the part the rules may be written with, and the part that says what they are worth.

Posts that begin with the same three words are one story with two endings and stay on one side.
"""

import json
import re
import zlib
from pathlib import Path
from typing import Any

POSTS = Path(__file__).resolve().parent / "posts.jsonl"


def parts() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(train, dev): about seven and three in ten. The same on every machine, as long as the corpus is."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in POSTS.read_text("utf-8").splitlines() if line.strip()]
    stories: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        stories.setdefault(" ".join(re.findall(r"\w+", row["text"].lower())[:3]), []).append(row)
    dev_ids = {
        row["id"]
        for story in stories.values()
        for row in story
        if zlib.crc32(min(one["id"] for one in story).encode()) % 10 < 3
    }
    return [row for row in rows if row["id"] not in dev_ids], [row for row in rows if row["id"] in dev_ids]
