"""Records what the calls answer.

    python -m tests.before.record answers.json    # where there is none: what is recorded is not recorded again
    python -m tests.before.record --differences    # differences.json: what the present code answers otherwise

The answers that count are those of version b1b7103, before the internals were made anew.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.before.calls import CALLS
from tests.before.differences import DIFFERENCES
from tests.before.doors import Run

if TYPE_CHECKING:
    from tests.before.asked import Asked

ANSWERS = Path(__file__).with_name("answers.json")
OF_TODAY = Path(__file__).with_name("differences.json")
LONGEST = 400  # characters of an argument, and items of a list, that are shown


def answers_of_today(folder: Path) -> dict[str, list[str]]:
    """Make all calls on a new store in `folder`."""
    run = Run(folder)
    try:
        return {asked.name: run.answer(asked) for asked in CALLS}
    finally:
        run.close()


def entry(asked: Asked, answer: list[str]) -> dict[str, Any]:
    return {"name": asked.name, **_shortened(asked.sent), "answer": answer}


def _shortened(sent: Any) -> Any:
    if isinstance(sent, dict):
        return {name: _shortened(value) for name, value in sent.items()}
    if isinstance(sent, list) and len(sent) > 20:
        return [*sent[:2], f"… {len(sent)} in all"]
    if isinstance(sent, str) and len(sent) > LONGEST:
        return f"{sent[:60]}… {len(sent)} characters"
    return sent


def write(entries: list[dict[str, Any]] | dict[str, list[str]], file: Path) -> None:
    """Half of a character, which JSON can name and UTF-8 cannot hold, is written as its escape."""
    text = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    file.write_bytes(text.encode(errors="backslashreplace"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        answers = answers_of_today(Path(folder))
    match sys.argv[1:]:
        case ["--differences"]:
            listed = {name for names in DIFFERENCES.values() for name in names}
            write({name: answer for name, answer in answers.items() if name in listed}, OF_TODAY)
        case [name] if not Path(name).exists():
            write([entry(asked, answers[asked.name]) for asked in CALLS], Path(name))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
