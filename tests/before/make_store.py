"""Makes store-0.1.0.db.gz, a store as version 0.1.0 (b1b7103) left it, and store-0.1.0.json, what it says.

    python -m tests.before.make_store

Both were made once, at that version: what counts is that later versions open a store that they did not write.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.before.doors import NOTEWELL, PATIENCE, environment

from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"
PACKED = HERE / "store-0.1.0.db.gz"
FACTS = HERE / "store-0.1.0.json"
SOURCE = Path(tempfile.gettempdir()) / "knowledge"
"""Where the examples are imported from: the store remembers the path, so it says nothing of whose machine it was."""

LEFT_OUT = (
    "*.py",
    "architecture",
    "reviews",
    "plans",
    "database-migration.md",
    "oncall-*.md",
    "rotate-*.md",
)  # for a small file

PULL = "https://github.com/kestrelmoor/harbor-line/pull/466"
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("projects", {"slug": "beacon", "name": "Beacon", "platform": "forgejo", "repo_url": "https://example.org/beacon"}),
    (
        "upsert_note",
        {"slug": "plan-beacon", "content": "# Beacon\n\n## Vision\n\nSee [[arch-beacon]].\n", "project": "beacon"},
    ),
    (
        "upsert_note",
        {"slug": "crlf", "content": "# Zeilen\r\n\r\nÄrger 日本語 🚀\r\n", "tags": "story:x,odd", "position": 3},
    ),
    (
        "upsert_note",
        {"slug": "public", "content": "# Public\n\n| a |\n| - |\n| 1 |\n", "is_public": True, "parent": "crlf"},
    ),
    (
        "edit_note",
        {"ref": "sop-deploy", "mode": "append", "new_text": "Tell the team.\n", "revised_by": PULL, "reason": "why"},
    ),
    ("edit_note", {"ref": "sop-deploy#before-you-start", "mode": "prepend", "new_text": "Read this first.\n"}),
    ("edit_note", {"ref": "sop-deploy@1", "mode": "append", "new_text": "A third line.\n"}),
    ("upsert_note", {"slug": "sop-rollback", "new_slug": "sop-undo", "add_tags": "renamed"}),
    ("upsert_note", {"slug": "sop-incident", "status": "draft", "idempotency_key": "k1"}),
    (
        "link_notes",
        {
            "source": "plan-beacon",
            "targets": ["sop-undo", "later#part"],
            "relation": "implements",
            "allow_missing": True,
        },
    ),
    ("link_notes", {"source": "crlf", "targets": "public,sop-deploy", "relation": "blocks", "mode": "set"}),
    ("delete_note", {"ref": "glossary", "reason": "nobody reads it"}),
    ("delete_note", {"ref": "sop-manual-deploy"}),
    ("restore_note", {"ref": "sop-manual-deploy"}),
    ("restore_note", {"ref": "sop-deploy@2", "reason": "too many lines"}),
]


def asker(database: Path) -> tuple[Callable[..., Any], Callable[[], None]]:
    """`ask(tool, …)`, which answers with JSON, and what closes the store."""
    store = open_store(database)

    def ask(tool: str, /, **arguments: Any) -> Any:
        return json.loads(call_tool(lambda: Call(store, "recorder"), tool, arguments | {"format": "json"}).shown)

    return ask, store.close


def texts(ask: Callable[..., Any]) -> dict[str, str]:
    """Every revision of every note, deleted ones too, and the beginning of the SHA-256 of its text and title."""
    found: dict[str, str] = {}
    for deleted in (False, True):
        for note in ask("list_notes", limit=200, sort="slug", deleted=deleted)["notes"]:
            for number in range(1, note["revision"] + 1):
                kept = ask("get_note", ref=f"{note['slug']}@{number}", max_chars=1_000_000)
                whole = "\n".join([kept["title"], ",".join(kept["tags"]), kept["markdown"]])
                found[f"{note['slug']}@{number}"] = hashlib.sha256(whole.encode()).hexdigest()[:16]
    return found


def run(database: Path, *words: str) -> str:
    """The command on a store; what it prints."""
    command = [str(NOTEWELL), *words]
    done = subprocess.run(command, env=environment(database), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def main() -> None:
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(EXAMPLES, SOURCE, ignore=shutil.ignore_patterns(*LEFT_OUT))
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store.db"
        run(database, "import", str(SOURCE), "--project", "harbor-line")
        ask, close = asker(database)
        for tool, arguments in CALLS:
            ask(tool, **arguments)
        newest = ask("revisions", limit=1)
        facts = {"seq": newest["revisions"][0]["seq"], "texts": texts(ask)}
        close()
        token = run(database, "token", "create", "reader", "--expires", "never").split()[0]
        run(database, "token", "create", "narrow", "--scope", "write", "--project", "beacon", "--expires", "never")
        run(database, "token", "create", "gone", "--expires", "never")
        run(database, "token", "revoke", "gone")
        PACKED.write_bytes(gzip.compress(database.read_bytes(), mtime=0))
    shutil.rmtree(SOURCE)
    FACTS.write_text(json.dumps({"token": token, **facts}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
