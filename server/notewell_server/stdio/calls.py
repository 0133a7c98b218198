"""Requests that read or write the store: on worker threads, with the answers that the SDK's handlers give."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

from notewell_server.mcp import results
from notewell_server.session import Client, Session
from notewell_server.stdio.messages import Json
from notewell_server.writers import WRITERS, writes
from notewell_store.patience import call_begins
from notewell_tools.catalogue import Answer, call_tool
from notewell_tools.definition import Call

READERS = 40  # as many as the SDK's door has


class Calls:
    """Two lanes, so that reading goes on while those that write wait for one another."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._readers = ThreadPoolExecutor(READERS)
        self._writers = ThreadPoolExecutor(WRITERS)

    def begin(
        self, method: str, params: Json, client: Client | None, answered: Callable[[Callable[[], Json]], None]
    ) -> None:
        """Have `answered` called on a thread, with what makes the answer. A call's patience counts from now on, the
        wait for a thread included."""
        is_writing = method == "tools/call" and writes(params["name"])
        lane = self._writers if is_writing else self._readers
        with call_begins():
            lane.submit(copy_context().run, answered, partial(self._answer, method, params, client))

    def _answer(self, method: str, params: Json, client: Client | None) -> Json:
        try:
            if method == "tools/call":
                return {"result": results.called(lambda: self._called(params, client))}
            return {"result": _result(lambda: self._session.call_by(client), method, params)}
        except Exception as error:  # the boundary where a fault becomes a protocol error
            return {"error": results.error_of(error, method, params, lambda refusal, what: refusal)}

    def _called(self, params: Json, client: Client | None) -> Answer:
        results.check_offered(params["name"], self._session.tools)
        return call_tool(lambda: self._session.call_by(client), params["name"], params.get("arguments", {}))


def _result(call: Callable[[], Call], method: str, params: Json) -> Json:
    match method:
        case "resources/list":
            return results.listed_resources(call(), params.get("cursor"))
        case "resources/read":
            return results.read_resource(call(), params["uri"])
        case "prompts/get":
            return results.made_prompt(call(), params["name"], params.get("arguments", {}))
    argument = params["argument"]
    return results.completed(call(), argument["name"], argument["value"])
