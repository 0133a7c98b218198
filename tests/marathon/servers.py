"""Real server processes, driven with raw JSON-RPC over their pipes: nothing stands between an attack and them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
LAYERS = os.pathsep.join(str(ROOT / layer) for layer in ("store", "tools", "server"))
NOTEWELL = [sys.executable, "-m", "notewell_server.main"]
OBEYING_MODES = [
    sys.executable,
    "-c",
    """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
if os.geteuid() == 0:
    for power in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, power, 0, 0, 0):
            sys.exit("the powers of root cannot be dropped here")
os.execv(sys.argv[1], sys.argv[1:])
""",
    *NOTEWELL,
]
"""A server to which the modes of files and folders apply, whoever starts it: root would ignore them."""
PATIENCE = 60.0
"""Seconds that an answer is waited for. An attack that promises less measures it."""


class BrokenPromise(AssertionError):
    """Something that the store or the server promises did not hold."""


class Gone(Exception):
    """The server ended before it had answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool call came to. `failed` is what the server said was wrong; then `text` says it."""

    id: str
    text: str
    failed: bool
    seconds: float

    @property
    def data(self) -> dict[str, Any]:
        """The answer to a call that asked for JSON. Raises BrokenPromise if the call failed."""
        if self.failed:
            raise BrokenPromise(f"{self.id} was refused: {self.text[:500]}")
        data: dict[str, Any] = json.loads(self.text)
        return data


def environment(database: Path | str, added: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, with the database to use and the source tree; nothing of the caller's own Notewell gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOTEWELL_")}
    return {**kept, "PYTHONPATH": LAYERS, "NOTEWELL_DB": str(database), **(added or {})}


class Server:
    """One server process. Answers come in the order in which the server gives them, which need not be ours."""

    def __init__(
        self,
        database: Path | str,
        actor: str = "attacker",
        *,
        added: Mapping[str, str] | None = None,
        command: Sequence[str] = NOTEWELL,
    ) -> None:
        self.actor = actor
        self._asked: dict[str, float] = {}
        self._received = bytearray()
        self._process = subprocess.Popen(
            command,
            env=environment(database, {"NOTEWELL_ACTOR": actor, **(added or {})}),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._to, self._from, self._words = self._process.stdin, self._process.stdout, self._process.stderr

    @property
    def pid(self) -> int:
        return self._process.pid

    def shake_hands(self) -> Self:
        client = {"name": "marathon", "version": "1"}
        parameters = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        self.ask("initialize", "initialize", parameters)
        self.receive()
        self._send({"method": "notifications/initialized"})
        return self

    def call(self, tool: str, **arguments: Any) -> Answer:
        """Call a tool and wait for what it answers. No other call may be under way."""
        self.send("only", tool, **arguments)
        return self.receive()

    def send(self, identity: str, tool: str, **arguments: Any) -> None:
        self.ask(identity, "tools/call", {"name": tool, "arguments": arguments})

    def ask(self, identity: str, method: str, parameters: Mapping[str, Any]) -> None:
        self._asked[identity] = time.perf_counter()
        self._send({"id": identity, "method": method, "params": parameters})

    def send_line(self, line: bytes) -> None:
        """Write to the server's input as it is. Raises Gone."""
        try:
            self._to.write(line)
            self._to.flush()
        except BrokenPipeError as error:
            raise Gone(self.last_words()) from error

    def receive(self, patience: float = PATIENCE) -> Answer:
        """The next answer. Raises Gone when the server has ended, BrokenPromise when it stays silent."""
        while True:
            message = json.loads(self.receive_line(patience))
            if "id" in message:
                return self._read(message)

    def receive_line(self, patience: float = PATIENCE) -> bytes:
        deadline = time.monotonic() + patience
        while (end := self._received.find(b"\n") + 1) == 0:
            if not self.has_spoken(deadline - time.monotonic()):
                raise BrokenPromise(f"no answer within {patience:g} s to {list(self._asked)}")
            chunk = os.read(self._from.fileno(), 1 << 20)
            if not chunk:
                raise Gone(self.last_words())
            self._received += chunk
        line = bytes(self._received[:end])
        del self._received[:end]
        return line

    def has_spoken(self, patience: float) -> bool:
        """Whether something of an answer arrives, or the server's end, before `patience` seconds are over."""
        return bool(select.select([self._from], [], [], max(0.0, patience))[0])

    def tell(self, what: signal.Signals) -> None:
        self._process.send_signal(what)

    def close_input(self) -> None:
        self._to.close()

    def close_output(self) -> None:
        """Read no more: whatever the server says from now on finds nobody."""
        self._from.close()

    def vanish(self) -> None:
        """Do as a client that is killed: both pipes are gone at once."""
        self._from.close()
        self._to.close()

    def kill(self) -> None:
        """End the process as the kernel does, at once; what it had answered before can still be received."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit status. Raises BrokenPromise when the process still runs after `patience` seconds."""
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            raise BrokenPromise(f"server {self.pid} still runs after {patience:g} s") from None

    def last_words(self) -> str:
        """What an ended process wrote to its standard error."""
        self.wait()
        return self._words.read().decode(errors="replace")[-2000:]

    def dispose(self) -> None:
        """Leave nothing behind: no process, no pipe."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for pipe in (self._to, self._from, self._words):
            try:
                pipe.close()
            except BrokenPipeError:
                continue

    def _send(self, message: Mapping[str, Any]) -> None:
        self.send_line(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def _read(self, message: dict[str, Any]) -> Answer:
        if message["id"] not in self._asked:
            raise BrokenPromise(f"an answer that nobody asked for: {json.dumps(message)[:500]}")
        seconds = time.perf_counter() - self._asked.pop(message["id"])
        if "error" in message:
            return Answer(message["id"], message["error"]["message"], True, seconds)
        result = message["result"]
        text = "".join(block["text"] for block in result.get("content", ()))
        return Answer(message["id"], text, bool(result.get("isError")), seconds)

    def __enter__(self) -> Self:
        return self.shake_hands()

    def __exit__(self, *exception: object) -> None:
        self.dispose()


@contextmanager
def crowd_of(count: int, database: Path, added: Mapping[str, str] | None = None) -> Iterator[list[Server]]:
    """So many servers on one file, started at once; `agent-0`, `agent-1`, … are who they write as."""
    with ExitStack() as stack:
        servers = [Server(database, f"agent-{number}", added=added) for number in range(count)]
        for server in servers:
            stack.callback(server.dispose)
        for server in servers:
            server.shake_hands()
        yield servers
