"""No trace of a note for those who may not read it: every reading tool, with many arguments, on two stores.

One store has notes that are hidden from the caller among those that are not, the other never had them. What a
caller is answered must be the same. A tool that is new is driven too: by the names of its arguments.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import Knowledge, place_of

from notewell_store import Attribution, NotFound, open_store
from notewell_store.access.rights import ANYBODY, OWNER, Rights
from notewell_store.tables.projects import save_project
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call, Tool
from notewell_tools.errors import ToolError
from notewell_tools.suggestions import suggestions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store import Store

WORD = "quokka"
WEB = Rights("read", "web")
READERS = pytest.mark.parametrize("rights", [ANYBODY, WEB], ids=["anybody", "of-a-project"])


class Scene:
    """A store in the making, at times that are the same in each."""

    def __init__(self, path: Path, rights: Rights, *, hidden: bool) -> None:
        self.store = open_store(place_of(path))
        self.knowledge = Knowledge(self.store)
        self._rights = rights
        self._hidden = hidden
        self._minute = 0

    def by(self, reason: str | None = None, account: str | None = None, actor: str = "ann") -> Attribution:
        return Attribution(actor, account, reason, f"2026-05-01T10:{self._minute:02}:00.000Z")

    def public(self, slug: str, content: str, **metadata: Any) -> None:
        """A note that is there in both stores; its parent may be hidden."""
        self._minute += 1
        if not self._hidden and str(metadata.get("parent", "")).startswith("hidden"):
            del metadata["parent"]
        self.knowledge.put(slug, content, by=self.by("said aloud", "PR 1"), is_public=True, **metadata)

    def hide(self, slug: str, content: str, project: str | None = None, **metadata: Any) -> None:
        """A note that those of its project may read. Else it is there in one store only."""
        self._minute += 1
        if self._hidden or (project and project == self._rights.project):
            secret = self.by(f"for the {WORD}", f"{WORD}/7", f"{WORD}er")
            by = self.by("among us") if project == "web" else secret
            self.knowledge.put(slug, content, by=by, project=project, **metadata)

    def project(self, slug: str, name: str, *, hidden: bool = False) -> None:
        if self._hidden or not hidden:
            save_project(self.store, slug, "ann", name, "github", f"https://example.com/{slug}")


def build(path: Path, rights: Rights, *, hidden: bool) -> Store:
    scene = Scene(path, rights, hidden=hidden)
    text = (
        f"# {WORD.title()} plan\n\nThe {WORD} moves in June; see [[public-sop]], deploy it.\n\n## The {WORD}\n\nMore.\n"
    )
    loud: dict[str, Any] = {"note_type": f"{WORD}type", "status": f"{WORD}ing", "tags": (f"{WORD}:tag", "auth", "sop")}
    scene.project("web", "The web")
    scene.project("open", "What is open")
    scene.project(WORD, f"The {WORD}s", hidden=True)
    scene.hide("hidden-parent", text, **loud)
    scene.public("public-sop", "# Deploy\n\nDeploy by the book: [[hidden-target]].\n", note_type="sop", project="open")
    scene.hide(f"{WORD}-plan", text, project=WORD if hidden else None, parent="public-sop", **loud)
    scene.public("public-child", "# Child\n\nAbout auth tokens.\n", tags=("auth", "sop"), parent="hidden-parent")
    scene.hide("hidden-target", text, parent="public-sop", **loud)
    scene.public("deploy-web", "# Web\n\nDeploy the web. [[public-sop]]\n", project="web", parent="public-sop")
    scene.hide("web-inside", "# Inside\n\nOnly for the web: deploy at night.\n", project="web", tags=("night",))
    scene.public("public-sop-two", "# Two\n\n## Roll back\n\nTake it back. [[public-sop#deploy]]\n", status="active")
    scene.hide(f"deploy-{WORD}", text, note_type="sop", status="active", is_public=False)
    if hidden:
        scene.knowledge.put(f"deploy-{WORD}", new_slug="deploy-webs", by=scene.by(f"{WORD} renamed"))
        scene.knowledge.link("deploy-webs", "public-sop", relation=f"{WORD}s")
        scene.hide("gone-plan", text, is_public=True)
        scene.knowledge.delete("gone-plan")
        scene.hide("was-public", text, is_public=True)
        scene.knowledge.put("was-public", is_public=False)
    return scene.store


@pytest.fixture
def stores(tmp_path: Path, rights: Rights) -> Iterator[tuple[Store, Store]]:
    both = build(tmp_path / "with.db", rights, hidden=True), build(tmp_path / "without.db", rights, hidden=False)
    yield both
    for store in both:
        store.close()


PUBLIC = ["public-sop", "public-sop#deploy", "public-child", "public-sop-two@1", "deploy-web", "publc-sop"]
PROBES = [f"{WORD}-plan", "hidden-target", "hidden-parent", "gone-plan", "was-public", "deploy-webs", "web-inside"]
PROBES += [f"deploy-{WORD}", f"{WORD}-plan@1", f"{WORD}-plan#the-{WORD}", f"{WORD}", "deploy", "hidden", "gone-plans"]
NAMES = [*PUBLIC, *PROBES]
WORDS = [["sop"], ["auth"], ["auth", "sop"], ["active"], [WORD], [f"{WORD}:tag"], ["night"], ["web"], []]
CANDIDATES: dict[str, list[Any]] = {
    "ref": NAMES,
    "slug": ["web", "open", WORD, "wen", None],
    "project": ["web", "open", WORD, "none-such"],
    "parent": ["none", "public-sop", "hidden-parent", f"{WORD}-plan"],
    "within": ["public-sop", "hidden-parent", f"{WORD}-plan", "web"],
    "updated_before": ["2026-05-01T10:04:00Z"],
    "unlinked": [True],
    "summary": [True],
    "query": ["deploy", "deploy the web", WORD, f"{WORD} deploy auth", "book tokens", "night", '"moves in June"'],
    "text": [" ".join(f"[[{name}]]" for name in NAMES), " and ".join(NAMES)],
    "tags": WORDS,
    "any_tags": WORDS,
    "note_type": ["sop", f"{WORD}type"],
    "status": ["active", f"{WORD}ing"],
    "updated_since": ["2026-05-01T10:04:00Z"],
    "since": ["2026-05-01T10:04:00Z", "2020-01-01"],
    "as_of": ["2026-05-01T10:05:00Z", "2030-01-01", "2020-01-01"],
    "sort": ["updated", "oldest", "created", "title", "slug", "position"],
    "view": ["markdown", "toc", "html", "meta"],
    "include": [["links"], ["children"], ["history"], ["links", "children", "history"]],
    "prefix": ["", "s", WORD, WORD[:3]],
    "actor": ["ann", f"{WORD}er"],
    "revised_by": ["PR 1", f"{WORD}/7"],
    "diff": ["1", "1..2", "7"],
    "blame": [True],
    "deleted": [True],
    "limit": [1, 2, 50],
    "max_chars": [200, 8_000],
    "offset": [0, 5],
    "cursor": [],  # followed where one is given
}
CANDIDATES["query"] += ["depoly", "quoka moves", f"{WORD}*", "hiden"]  # mistyped, and as a beginning


OF_WRITES = {"idempotency_key", "name", "platform", "repo_url", "new_slug", "delete"}
"""Arguments with which a tool that also reads would write."""


def argument_sets(tool: Tool) -> Iterator[dict[str, Any]]:
    """Every value of each argument alone and beside each other argument, with the first of what else is required."""
    fields = {name: field for name, field in tool.arguments.model_fields.items() if name != "format"}
    unknown = (
        fields.keys() - CANDIDATES.keys() - {"idempotency_key", "name", "platform", "repo_url", "new_slug", "delete"}
    )
    assert not unknown, f"say in CANDIDATES what {tool.name} is to be asked with for {unknown}"
    base = {name: CANDIDATES[name][0] for name, field in fields.items() if field.is_required()}
    asked = [name for name in fields if CANDIDATES.get(name)]
    for name in asked:
        for value in CANDIDATES[name]:
            yield base | {name: value}
    for one, other in itertools.combinations(asked, 2):
        longer, shorter = sorted((CANDIDATES[one], CANDIDATES[other]), key=len, reverse=True)
        first, second = (one, other) if longer is CANDIDATES[one] else (other, one)
        for value, beside in zip(longer, itertools.cycle(shorter), strict=False):
            yield base | {first: value, second: beside}


def answers(store: Store, rights: Rights, tool: Tool, arguments: dict[str, Any]) -> Iterator[str]:
    """What the caller is told, in each format; page after page."""
    call = Call(store, "reader", None, rights)
    for form in ("json", "text"):
        cursor: str | None = None
        for _ in range(3):
            try:
                answer = call_tool(
                    lambda: call, tool.name, arguments | {"format": form} | ({"cursor": cursor} if cursor else {})
                )
            except ToolError as error:
                yield f"{error.kind}: {error.message}"
                break
            yield answer.shown
            cursor = answer.data.get("next_cursor")
            if not cursor:
                break


READING = [tool for tool in CATALOGUE.values() if tool.needs(dict.fromkeys(tool.arguments.model_fields)) is None]
TOOLS = pytest.mark.parametrize("tool", READING, ids=[tool.name for tool in READING])


@TOOLS
@READERS
def test_a_reader_is_told_what_a_store_would_tell_that_never_had_the_hidden_notes(
    stores: tuple[Store, Store], rights: Rights, tool: Tool
) -> None:
    among, without = stores
    numbers = numbers_of(among), numbers_of(without)
    asked = 0
    for arguments in argument_sets(tool):
        told = list(answers(among, rights, tool, arguments))
        assert [plain(text, numbers[0]) for text in told] == [
            plain(text, numbers[1]) for text in answers(without, rights, tool, arguments)
        ], arguments
        asked += 1
        if WORD not in json.dumps(arguments):
            assert WORD not in "".join(told).lower(), arguments
    assert asked > 4


def numbers_of(store: Store) -> dict[str, dict[int, str]]:
    """The numbers that tell of how much there is, by what they stand for."""
    with store.reading() as db:
        return {
            "id": dict(db.execute("SELECT id, slug FROM notes").fetchall()),
            "seq": dict(
                db.execute("SELECT r.seq, slug || '@' || r.revision FROM revisions r JOIN notes n ON n.id = note_id")
            ),
        }


def plain(text: str, numbers: dict[str, dict[int, str]]) -> str:
    """The answer with its ids and change numbers as what they stand for, and without cursors, which hold them."""
    text = re.sub(r'"id": (\d+)', lambda found: f'"id": {numbers["id"][int(found[1])]}', text)
    text = re.sub(r'\b(?:seq"?:?|change) (\d+)', lambda found: f"seq {numbers['seq'][int(found[1])]}", text)
    return re.sub(r'(cursor"?[=:] ?)[\w"-]+', r"\1…", text)


ALARM = "The pager rings when a replica lags: drain the broker, rebalance its shards, then watch the queue."
WRITERS = pytest.mark.parametrize("rights", [Rights("write", "web")], ids=["of-a-project"])


def build_alike(path: Path, rights: Rights, *, hidden: bool) -> Store:
    """Hidden notes that are nearer to ALARM than those that are seen, link words, titles and labels among them."""
    scene = Scene(path, rights, hidden=hidden)
    scene.project("web", "The web")
    for number in range(3):
        body = f"# Alarm {number}\n\nThe pager rings: drain the broker {number}, and mind the queue.\n"
        scene.hide(f"web-{number}", body, project="web", tags=("alarm",), parent="web-0" if number else None)
    scene.public("public-queues", "# Queues\n\nA broker has queues, and replicas of them.\n")
    for number in range(12):
        loud: dict[str, Any] = {"note_type": f"{WORD}type", "tags": (f"{WORD}s",), "parent": "public-queues"}
        text = f"# When a {WORD} replica lags {number}\n\n{ALARM} See [drain the broker](public-queues). {number}\n"
        scene.hide(f"{WORD}-{number}", text, **loud)
    scene.hide(f"{WORD}-title", "# Rebalance Broken Shards\n\nNothing.\n")
    return scene.store


NEW = {
    "what is written again": f"# New\n\n{ALARM}\n",
    "an equal title": "# Rebalance broken shards\n\nSee the wiki.\n",
    "a mention": f"# New\n\nThink of rebalance broken shards. {ALARM}\n",
    "what hidden notes link to": "# Another\n\nFirst drain the broker, drain the broker twice.\n",
    "a word of theirs": f"# The {WORD}\n\nA {WORD} replica lags: the {WORD} pager rings.\n",
}


@WRITERS
def test_a_writer_is_told_of_a_new_note_what_a_store_would_tell_without_the_hidden_ones(
    tmp_path: Path, rights: Rights
) -> None:
    among, without = (build_alike(tmp_path / f"{hidden}.db", rights, hidden=hidden) for hidden in (True, False))
    for name, content in NEW.items():
        asked = {"slug": "new", "content": content, "dry_run": True}
        told = list(answers(among, rights, CATALOGUE["upsert_note"], asked))
        assert told == list(answers(without, rights, CATALOGUE["upsert_note"], asked)), name
        assert name == "a word of theirs" or WORD not in "".join(told), name
    asked = {"slug": "new", "content": NEW["a mention"], "dry_run": True}
    assert "nearest: web-" in "".join(answers(among, rights, CATALOGUE["upsert_note"], asked))
    told = list(answers(among, OWNER, CATALOGUE["upsert_note"], asked))
    assert f"nearest: {WORD}-" in told[1]
    assert f'"unlinked": [{{"slug": "{WORD}-title"' in told[0]
    for store in (among, without):
        store.close()


@WRITERS
def test_suggestions_of_a_note_tell_nothing_of_hidden_ones(tmp_path: Path, rights: Rights) -> None:
    among, without = (build_alike(tmp_path / f"{hidden}.db", rights, hidden=hidden) for hidden in (True, False))
    for slug in ("public-queues", *(f"web-{number}" for number in range(3))):
        told = [suggestions(Call(store, "reader", None, rights), slug) for store in (among, without)]
        assert told[0] == told[1]
        assert WORD not in json.dumps(told[0])
    assert WORD in json.dumps(suggestions(Call(among, "owner"), "web-1"))
    with pytest.raises(NotFound):
        suggestions(Call(among, "reader", None, rights), f"{WORD}-1")
    for store in (among, without):
        store.close()


@pytest.mark.parametrize("rights", [OWNER], ids=["owner"])
def test_the_owner_is_told_of_all_of_it(stores: tuple[Store, Store], rights: Rights) -> None:
    """So that the test above would find what is there to be found."""
    told = [
        text
        for tool in READING
        for arguments in argument_sets(tool)
        for text in answers(stores[0], rights, tool, arguments)
        if WORD not in json.dumps(arguments)
    ]
    assert sum(WORD in text for text in told) > len(told) / 4
