"""An agent that calls a server's tools, with its calls and bytes counted as a model pays for them."""

from __future__ import annotations

import json
from typing import Any

from stdio_client import ServerProcess


class Agent:
    """What it wrote is each tool's name and arguments as JSON, what it read the answers' text."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.calls = self.written = self.read = 0
        self.told = self.shown = ""

    def call(self, tool: str, /, **arguments: Any) -> str:
        """The answer, or the words of a refusal: an agent reads both."""
        result = json.loads(self._server.call(tool, **arguments).line)["result"]
        text = "".join(block["text"] for block in result["content"])
        self.calls += 1
        self.written += len(json.dumps({"name": tool, "arguments": arguments}, ensure_ascii=False).encode())
        self.read += len(text.encode())
        self.told += text
        self.shown += f"> {tool} {json.dumps(arguments, ensure_ascii=False)}\n{text}\n"
        return text


class Look:
    """The same server, asked for what is so in the end, as data; nothing is counted."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    def ask(self, tool: str, /, **arguments: Any) -> Any:
        return json.loads(self._server.call(tool, **arguments, format="json").text)

    def markdown(self, ref: str) -> str:
        return str(self.ask("get_note", ref=ref, max_chars=1_000_000)["markdown"])
