"""A writer of one project does whatever its token allows; another project is told what it was told before.

Two stores begin as copies of one. In one of them the writer of project `a` makes, links, renames, moves, deletes
and restores notes at random; then all that speaks of project `b` is asked of both. But for numbers of the whole store,
each answer is the same to the byte.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notewell_store import StoreError, open_store
from notewell_store.access.rights import OWNER, Rights
from notewell_store.briefing.brief import brief
from notewell_store.integrity.verify import verify
from notewell_store.opening import read_once
from notewell_store.tables.projects import save_project
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.prompts import make_prompt
from servers import BrokenPromise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store import Store

WRITER = Rights("write", "a")
READERS = {"owner": OWNER, "reader of b": Rights("read", "b"), "writer of b": Rights("write", "b")}
PULL = "https://github.com/acme/b/pull/7"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WORDS = ("wombat", "deploy", "queue", "plan", "secret")
TYPES = ("sop", "plan", "decision", "todo", "review", "convention", "project", "template", "note")
OF_B: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("b", "# B\n\nThe page of b.\n\n## Rules\n\nSee [[sop-b]] and [[shared]].\n", {"is_public": True}),
    ("sop-b", "# Deploy\n\n## Steps\n\nDeploy the queue.\n", {"note_type": "sop", "status": "active"}),
    ("plan-0-b", "# Zero\n\n## Next plan seeds\n\n- a seed\n", {"note_type": "plan", "status": "completed"}),
    ("plan-b", "# Plan\n\n## Vision\n\nOne queue.\n\n- [ ] a step\n", {"note_type": "plan", "status": "active"}),
    ("decision-b", "# Queues\n\n## Decision\n\nOne queue for [[plan-b]].\n", {"note_type": "decision"}),
    ("todo-b", "# Do\n\nDeploy it.\n", {"note_type": "todo", "parent": "plan-b"}),
    ("guide-b", "# Guide\n\nWhat to read.\n", {"is_public": True, "position": 3}),
    (
        "words-b",
        f"# Words\n\nfoo-bar-baz-one and `foo-bar-baz` {PULL} {COMMIT} `story:pay-now` `ns:one` docs/deploy-now.md\n\n"
        "[[sop-b#steps]] and plain-words-of-prose\n",
        {"tags": ["glossary"]},
    ),
)
OF_NONE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("shared", "# Shared\n\nFor all.\n", {"note_type": "convention", "is_public": True}),
    ("shared-sop", "# Shared\n\nDeploy by [[shared]].\n", {"note_type": "sop", "is_public": True}),
    ("plan", "# Plan\n\n## Vision\n\nFor all.\n", {"note_type": "plan", "status": "active", "is_public": True}),
)
SLUGS = (
    *(f"template-{kind}" for kind in TYPES),
    *("index", "readme", "overview", "b-index", "b-readme", "home", "start-here", "glossary", "a", "deploys"),
    *(f"foo-bar-baz-{number}" for number in range(4)),
    *(
        "foo-bar-baz-one",
        "docs-deploy-now",
        "plain-words-of-prose",
        "story-pay-now",
        "sop-bb",
        "plan-bb",
        "decision-bb",
    ),
)
RELATIONS = ("supersedes", "implements", "continues", "requires-reading", "blocks", "relates")


@dataclass(frozen=True, slots=True)
class TwinFigures:
    rounds: int
    done: int
    refused: int
    answers_compared: int


Copying = Callable[[str, str], str]
"""Copies the store at an address, which is closed, to one of that name; the answer is the copy's address."""


def attack(folder: Path, *, seed: int, rounds: int, acts: int = 60) -> TwinFigures:
    base = folder / "base.db"
    return attack_at(
        str(base), lambda path, name: shutil.copy(path, str(folder / f"{name}.db")), seed=seed, rounds=rounds, acts=acts
    )


def attack_at(base: str, copied: Copying, *, seed: int, rounds: int, acts: int = 60) -> TwinFigures:
    make(base)
    done = refused = compared = 0
    for number in range(rounds):
        dice = random.Random(f"{seed}-{number}")
        acted, alone = (open_store(copied(base, f"{name}_{number}")) for name in ("with", "without"))
        try:
            kept = sum(act(acted, dice) for _ in range(acts))
            done, refused = done + kept, refused + acts - kept
            compared += _compare(acted, alone, f"seed {seed}, round {number}")
        finally:
            acted.close()
            alone.close()
    return TwinFigures(rounds, done, refused, compared)


def make(address: str) -> None:
    """The store that both begin with."""
    store = open_store(address)
    for project in ("a", "b"):
        save_project(store, project, "ann", project.upper(), "github", f"https://github.com/acme/{project}")
    for project, notes in (("b", OF_B), ("none", OF_NONE)):
        for slug, content, metadata in notes:
            _ask(store, OWNER, "upsert_note", slug=slug, content=content, project=project, **metadata)
    _ask(store, OWNER, "link_notes", source="plan-b", targets=["plan-0-b"], relation="continues")
    _ask(store, OWNER, "link_notes", source="sop-b", targets=["guide-b"], relation="requires-reading")
    store.close()


def _ask(store: Store, rights: Rights, tool: str, /, **arguments: Any) -> str:
    return call_tool(lambda: Call(store, "someone", None, rights), tool, arguments).shown


def act(store: Store, dice: random.Random) -> bool:
    """Whether what the writer tried was done."""
    tool, arguments = dice.choices(
        (_written(dice), _linked(dice), _renamed(dice), _deleted(dice), _restored(dice)), (8, 3, 1, 1, 1)
    )[0]
    try:
        _ask(store, WRITER, tool, **arguments)
    except ToolError:
        return False
    return True


def _words(dice: random.Random) -> str:
    near = dice.choice([slug for slug, *_ in (*OF_B, *OF_NONE)])
    return (
        f"# Mole {dice.choice(WORDS)}\n\nMole words on {' '.join(dice.choices(WORDS, k=5))}, see [[{near}]].\n\n"
        f"## story:pay-now\n\n| story:pay-now | mole |\n\n## Steps of the mole {dice.randrange(99)}\n\n- [ ] mole\n"
    )


def _written(dice: random.Random) -> tuple[str, dict[str, Any]]:
    parents = [*(slug for slug, *_ in (*OF_B, *OF_NONE)), *SLUGS, "none"]
    slug = dice.choice(SLUGS)
    return "upsert_note", {
        "slug": slug,
        **({"content": _words(dice)} if dice.random() < 0.5 else {}),
        "note_type": "template" if slug.startswith("template-") else dice.choice(TYPES),
        "status": dice.choice(("active", "draft", "completed", "superseded")),
        "tags": dice.sample(("strict", "ns:one", "ns:two", "ns:three", "sop", "story:pay-now", "b"), k=3),
        "parent": dice.choice(parents) if dice.random() < 0.5 else "none",
        "position": dice.randrange(-9, 9),
        "is_public": dice.random() < 0.6,
        "revised_by": dice.choice((PULL, COMMIT, "mole")),
        "reason": "mole",
    }


def _linked(dice: random.Random) -> tuple[str, dict[str, Any]]:
    targets = dice.sample([slug for slug, *_ in (*OF_B, *OF_NONE)], k=2)
    return "link_notes", {
        "source": dice.choice(SLUGS),
        "targets": targets,
        "relation": dice.choice(RELATIONS),
        "allow_missing": True,
    }


def _renamed(dice: random.Random) -> tuple[str, dict[str, Any]]:
    return "upsert_note", {"slug": dice.choice(SLUGS), "new_slug": dice.choice(SLUGS)}


def _deleted(dice: random.Random) -> tuple[str, dict[str, Any]]:
    return "delete_note", {"ref": dice.choice(SLUGS)}


def _restored(dice: random.Random) -> tuple[str, dict[str, Any]]:
    return "restore_note", {"ref": f"{dice.choice(SLUGS)}{dice.choice(('', '@1'))}"}


def _compare(acted: Store, alone: Store, where: str) -> int:
    compared = 0
    for (name, told), (_, wanted) in zip(told_by(acted), told_by(alone), strict=True):
        if _plain(told) != _plain(wanted):
            raise BrokenPromise(f"{where}: {name} says\n{told}\nand without the writer of a\n{wanted}")
        compared += 1
    if circles := verify(acted).findings:
        raise BrokenPromise(f"{where}: verify finds {circles[0]}")
    return compared


def told_by(store: Store) -> Iterator[tuple[str, str]]:
    """All that speaks of project b, each under its name."""
    with read_once(store.address) as db:
        yield "the session's hook", brief(db, "b").text
        yield "the session's hook, since a change", brief(db, "b", since="3").text
    for who, rights in READERS.items():
        for name, tool, arguments in _questions(rights):
            yield f"{name} to the {who}", _answer(store, rights, tool, arguments)
        for prompt, arguments in PROMPTS.items():
            made = make_prompt(Call(store, "someone", "b", rights), prompt, dict(arguments))
            yield f"the prompt {prompt} to the {who}", made


PROMPTS: dict[str, dict[str, str]] = {
    "plan": {"project": "b"},
    "decide": {"project": "b", "question": "deploy the wombat qeue"},
    "capture": {"project": "b", "learning": "the queue deploys at night, said the mole"},
    "review": {"ref": "sop-b"},
}


def _questions(rights: Rights) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "brief", "brief", {"project": "b", "max_chars": 20_000}
    yield "check_refs of b", "check_refs", {"project": "b"}
    for slug, text, _ in OF_B:
        yield f"check_refs of {slug}", "check_refs", {"ref": slug}
        yield f"check_refs of the text of {slug}", "check_refs", {"text": text}
        yield f"get_note of {slug}", "get_note", {"ref": slug, "include": ["history"]}
    if rights.allow("write"):
        for kind in TYPES:
            new = {"slug": f"new-{kind}-b", "content": "# New\n", "note_type": kind, "project": "b", "dry_run": True}
            yield f"a dry run of a {kind}", "upsert_note", new


def _answer(store: Store, rights: Rights, tool: str, arguments: dict[str, Any]) -> str:
    try:
        return call_tool(lambda: Call(store, "someone", "b", rights), tool, arguments).shown
    except (ToolError, StoreError) as error:
        return json.dumps(["refused", str(error)])


def _plain(text: str) -> str:
    """Without the numbers of the whole store."""
    return re.sub(r"change [\d,]+|searched [\d,]+ notes?", "…", text)
