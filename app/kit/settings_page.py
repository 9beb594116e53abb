"""Writes `docs/settings.md` from the settings themselves, so that the page cannot say anything else.

`python -m app.kit.settings_page > docs/settings.md` after a change; a test holds the two together.
"""

from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.kit.settings import Settings

HEAD = """\
# Settings

Made by `python -m app.kit.settings_page > docs/settings.md`; change the descriptions in `app/kit/settings.py`.

Each is an environment variable, or a line in a file `.env` in the folder where `cafe` is started, such as
`CAFE_NAME=Lotgenotencafé`. A setting that is wrong or unsafe stops the café from starting, and says why.

| setting | usual value | what it is |
|---|---|---|
"""


def settings_page() -> str:
    """All settings as Markdown, in the order of `Settings`."""
    rows = (
        f"| `{_variable(name)}` | {_usual(field)} | {_words(field)} |\n"
        for name, field in Settings.model_fields.items()
    )
    return HEAD + "".join(rows)


def _variable(name: str) -> str:
    return f"{Settings.model_config.get('env_prefix', '')}{name}".upper()


def _usual(field: FieldInfo) -> str:
    """The default as one would write it in `.env`; secrets have none to show."""
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    text = value.as_posix() if isinstance(value, Path) else str(value)
    return f"`{text}`" if text else "(empty)"


def _words(field: FieldInfo) -> str:
    """The description, with what a number may be."""
    words = (field.description or "").replace("|", "\\|")
    least = next((one.ge for one in field.metadata if hasattr(one, "ge")), None)
    most = next((one.le for one in field.metadata if hasattr(one, "le")), None)
    if least is not None and most is not None:
        return f"{words} From {least} to {most}."
    if least is not None:
        return f"{words} At least {least}."
    return words


if __name__ == "__main__":
    print(settings_page(), end="")
