"""Where to after signing in: only to a page of our own (promise P27)."""

import re

_OWN = re.compile(r"/(?!/)[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&_-]*)?")
LONGEST = 300


def own_path(text: str) -> str:
    """The address if it is plainly a path of ours, or nothing. What is odd in any way is not repaired but dropped."""
    return text if len(text) <= LONGEST and _OWN.fullmatch(text) else ""
