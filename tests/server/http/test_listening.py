"""`notewell serve --http` says where it listens once it does, and in one line why it cannot."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

from notewell_server.http.operations.listening import taken
from notewell_store.errors import Unusable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_said_to_be_served_answers_at_once(database: Path, workers: str) -> None:
    process = subprocess.Popen(
        [NOTEWELL, "serve", "--http", "--port", "0", "--workers", workers],
        env=environment(database, {"NOTEWELL_LOG": "text"}),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        said = next(line for line in process.stderr if line.startswith(str(database)))
        found = re.fullmatch(rf"{database} at http://127\.0\.0\.1:(\d+) \(REST, and MCP at /mcp\)\n", said)
        assert found and found[1] != "0"
        connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=PATIENCE)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_one_plain_line(command: CommandLine, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = command.run("serve", "--http", "--port", str(port), "--workers", workers)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        f"Error: 127.0.0.1:{port} is taken by another program: end that one, or name another port (--port).\n"
    )


@pytest.mark.parametrize(
    ("host", "told"),
    [("192.0.2.1", "192.0.2.1:0 is no address of this machine"), ("no such host", "'no such host' is no address:")],
)
def test_an_address_that_cannot_be_had_is_named(host: str, told: str) -> None:
    with pytest.raises(Unusable, match=re.escape(told)):
        taken(host, 0)


def test_a_name_of_several_addresses_is_served_at_each_on_one_port() -> None:
    bound = taken("localhost", 0)
    try:
        assert len({each.getsockname()[1] for each in bound}) == 1
        for each in bound:
            socket.create_connection(each.getsockname()[:2], PATIENCE).close()
    finally:
        for each in bound:
            each.close()


def test_the_pieces_of_an_answer_wait_for_no_acknowledgement() -> None:
    async def sends_at_once() -> bool:
        said: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def answered(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            said.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)
            writer.close()

        (listening,) = taken("127.0.0.1", 0)
        async with await asyncio.start_server(answered, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return await asyncio.wait_for(said, PATIENCE)
            finally:
                writer.close()

    assert asyncio.run(sends_at_once())
