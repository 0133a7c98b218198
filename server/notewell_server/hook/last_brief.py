"""What a folder's last session was told: the newest change that its brief knew, kept in the user's state folder.

A small file for each folder and store: `$XDG_STATE_HOME/notewell/briefs/<number>.json` (else `~/.local/state/…`). It is
an aid: where it cannot be read or written, the next brief tells of no changes, and nothing fails.
"""

import json
import os
import zlib
from contextlib import suppress
from pathlib import Path


def last_seen(folder: str, database: str) -> int | None:
    """The newest change that was told of in this folder, or None."""
    try:
        kept = json.loads(_file(folder, database).read_bytes())
        mine = (kept["folder"], kept["store"]) == (folder, database)
        return kept["seq"] if mine and isinstance(kept["seq"], int) else None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def remember(folder: str, database: str, seq: int) -> None:
    """Keep it for the next session. Another session may write at once: either is right."""
    with suppress(OSError, ValueError, RuntimeError):  # the last: nobody knows the user's home
        file = _file(folder, database)
        for folder_of_ours in (file.parent.parent, file.parent):
            folder_of_ours.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(json.dumps({"folder": folder, "store": database, "seq": seq}), encoding="utf-8")
        part.replace(file)


def _file(folder: str, database: str) -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    base = Path(state) if state else Path.home() / ".local" / "state"
    number = zlib.crc32(f"{database}\n{folder}".encode(errors="surrogatepass"))
    return base / "notewell" / "briefs" / f"{number:08x}.json"
