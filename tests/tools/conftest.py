"""What the tests of the tools share: an agent that calls the catalogue on a real store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import TABLES

from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from notewell_store import Store
    from notewell_store.models import Door


class Agent:
    """A caller of the tools, as every door calls them."""

    def __init__(
        self,
        store: Store,
        actor: str = "tester",
        project: str | None = None,
        issue_tokens: str | None = None,
        client: str | None = None,
    ) -> None:
        door: Door | None = "stdio" if client else None
        self._call = Call(store, actor, project, issue_tokens=issue_tokens, door=door, client=client)

    def ask(self, tool: str, /, **arguments: Any) -> Any:
        """The answer as JSON."""
        return json.loads(call_tool(lambda: self._call, tool, {**arguments, "format": "json"}).shown)

    def read(self, tool: str, /, **arguments: Any) -> str:
        """The answer as text."""
        return call_tool(lambda: self._call, tool, arguments).shown

    def refusal(self, tool: str, /, **arguments: Any) -> str:
        """The words with which the call is refused; that it wrote nothing is checked."""
        before = self.content()
        with pytest.raises(ToolError) as raised:
            call_tool(lambda: self._call, tool, arguments)
        assert self.content() == before, "a refused call wrote"
        return raised.value.message

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of the file: what two looks at it compare to know whether anything was written. Pages that are still
        to be rendered after a write come first, so that they are no difference."""
        self._call.store.background.finish()
        with self._call.store.reading() as db:
            return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in TABLES}

    def note(self, slug: str, content: str = "text\n", **metadata: Any) -> None:
        """Create a note."""
        assert self.ask("upsert_note", slug=slug, content=content, **metadata)["outcome"] == "created"

    def markdown(self, ref: str) -> str:
        return str(self.ask("get_note", ref=ref, max_chars=1_000_000)["markdown"])


@pytest.fixture
def agent(store: Store) -> Agent:
    return Agent(store)
