"""What of uvicorn's inside is built upon, and is no promise of its own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import anyio
import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState
from uvicorn.supervisors import Multiprocess

from notewell_server.http.operations.protocol import DeadlineProtocol

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotImplementedError


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    "name",
    [
        "connection_made",
        "data_received",
        "handle_events",
        "pause_writing",
        "resume_writing",
        "connection_lost",
        "shutdown",
    ],
)
def test_the_protocol_has_the_methods_that_are_extended(name: str) -> None:
    assert parameters(getattr(H11Protocol, name)) == parameters(getattr(DeadlineProtocol, name))


def test_nothing_else_of_the_protocol_is_replaced() -> None:
    assert {name for name in vars(DeadlineProtocol) if name in dir(H11Protocol) and not name.startswith("__")} == {
        "connection_made",
        "data_received",
        "handle_events",
        "pause_writing",
        "resume_writing",
        "connection_lost",
        "shutdown",
    }


def test_the_protocol_keeps_what_is_looked_at() -> None:
    async def made() -> DeadlineProtocol:
        config = uvicorn.Config(app, log_config=None)
        config.load()
        return DeadlineProtocol(config, ServerState(), {})

    protocol = anyio.run(made)
    assert protocol.cycle is None
    assert protocol.connections == set()
    assert protocol.loop is not None
    assert protocol.transport is None
    assert {"response_complete", "scope"} <= set(RequestResponseCycle.__init__.__code__.co_names)


def test_the_parent_of_workers_has_the_method_that_is_extended_and_the_sockets_that_it_closes() -> None:
    assert parameters(Multiprocess.terminate_all) == ["self"]
    assert parameters(Multiprocess.__init__) == ["self", "config", "sockets"]
