"""What clients send, well and badly: scripts of lines, each to be answered by both doors in the same bytes.

A line that is answered is waited for before the next is sent, so that the order of answers is one.
"""

from __future__ import annotations

import json
from typing import Any

Line = tuple[bytes, bool]
"""What is sent, and whether it is answered."""

ENVELOPE: dict[str, Any] = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "modern", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
CLIENT = {"name": "scripted", "version": "1"}


def raw(text: str | bytes, *, answered: bool = True) -> Line:
    return (text.encode() if isinstance(text, str) else text) + b"\n", answered


def ask(method: str, identity: Any = 1, /, **params: Any) -> Line:
    return raw(json.dumps({"jsonrpc": "2.0", "id": identity, "method": method, "params": params}))


def tell(method: str, /, **params: Any) -> Line:
    return raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}), answered=False)


def call(tool: str, /, **arguments: Any) -> Line:
    return ask("tools/call", 2, name=tool, arguments=arguments)


def modern(method: str, /, meta: dict[str, Any] = ENVELOPE, **params: Any) -> Line:
    return ask(method, 3, **params, _meta=meta)


def limited(value: str) -> Line:
    """A call with an argument that is written so."""
    params = f'{{"name":"tags","arguments":{{"limit":{value}}}}}'
    return raw(f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}')


def hello(version: str = "2025-11-25", **changed: Any) -> Line:
    return ask("initialize", 0, **{"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT, **changed})


READY = tell("notifications/initialized")
ASKED = (READY[0], True)
"""The same by a client that tells its roots: it is asked for them."""
GREETED = (hello(), READY)
LISTS = tuple(map(ask, ("tools/list", "prompts/list", "resources/templates/list", "resources/list", "ping")))
PING = ask("ping", 9)
NOTE = call("upsert_note", slug="a", content="# A\n\n## Part\n\nText \U0001f600 [[b]]\n", tags="x,y")
FILL = (NOTE, call("upsert_note", slug="b", content="B", note_type="sop", project=None), call("tags"))
ODD_VALUES: tuple[Any, ...] = (0, "5", True, 1.0, 1.5, 1e300, 10**40, None, "", [], {}, [[[[[[[1]]]]]]], "x" * 200)
PLACE = {"type": "ref/resource", "uri": "note://{slug}"}


def completion(name: str, value: str, ref: Any = None, **more: Any) -> Line:
    return ask("completion/complete", ref=ref or PLACE, argument={"name": name, "value": value}, **more)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ENVELOPE.items() if not key.endswith(name)}


HANDSHAKES: dict[str, tuple[Line, ...]] = {
    **{
        f"version {version}": (hello(version), READY, *LISTS, *FILL)
        for version in ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "1999-01-01", "")
    },
    "without the second step": (hello(), *LISTS, NOTE),
    "everything a host says of itself": (
        hello(
            capabilities={
                "roots": {"listChanged": True},
                "sampling": {},
                "elicitation": {"form": {}, "url": {}},
                "experimental": {"x": {"y": [1]}},
            },
            clientInfo=CLIENT | {"title": "T", "description": "d", "websiteUrl": "https://example.com"},
            _meta={"progressToken": 1},
        ),
        ASKED,
        raw('{"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"file:///nowhere","name":"n"}]}}', answered=False),
        NOTE,
        call("revisions", ref="a"),
    ),
    "roots told, then something else": (
        hello(capabilities={"roots": {}}),
        ASKED,
        raw('{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}', answered=False),
        NOTE,
        ask("nothing/known"),
        call("get_note", ref="a"),
    ),
    "odd capabilities": (hello(capabilities={"roots": {"listChanged": "yes"}}), *LISTS),
    "unknown capabilities": (hello(capabilities={"news": {"a": 1}, "tasks": {}}), *LISTS),
    "odd client": (hello(clientInfo={"name": 5, "version": "1"}), PING),
    "client with icons": (hello(clientInfo=CLIENT | {"icons": [{"src": "https://example.com/i.png"}]}), READY, NOTE),
    "no version": (ask("initialize", capabilities={}, clientInfo=CLIENT), PING, *LISTS),
    "a second greeting": (*GREETED, NOTE, hello("2025-03-26"), *LISTS),
    "ping before greeting": (PING, *GREETED, *LISTS),
    "list before greeting": (ask("tools/list"), *GREETED, *LISTS),
    "told before greeting": (READY, hello(), *LISTS),
    "an envelope after greeting": (*GREETED, NOTE, modern("tools/list"), call("get_note", ref="a")),
}

MODERN: dict[str, tuple[Line, ...]] = {
    "discovery and lists": tuple(
        modern(method)
        for method in ("server/discover", "tools/list", "prompts/list", "resources/templates/list", "resources/list")
    ),
    "calls": (
        modern("tools/call", name="upsert_note", arguments={"slug": "a", "content": "A"}),
        modern("tools/call", name="revisions", arguments={"ref": "a"}),
        modern("tools/call", name="nothing"),
        modern("resources/list"),
        modern("resources/read", uri="note://a"),
        modern("resources/read", uri="note://none"),
        modern("prompts/get", name="plan", arguments={"goal": "g"}),
        modern("completion/complete", ref=PLACE, argument={"name": "slug", "value": ""}),
    ),
    "an anonymous client": (
        modern("tools/list", without("clientInfo")),
        modern("tools/call", without("clientInfo"), name="upsert_note", arguments={"slug": "a", "content": "A"}),
        modern("tools/call", without("clientInfo"), name="revisions", arguments={"ref": "a"}),
    ),
    "half an envelope": (modern("tools/list", without("clientCapabilities")), modern("tools/list")),
    "another version": (modern("tools/list", ENVELOPE | {"io.modelcontextprotocol/protocolVersion": "2027-01-01"}),),
    "no version": (modern("server/discover"), ask("tools/list"), modern("tools/list")),
    "a greeting": (modern("tools/list"), hello(), modern("tools/list")),
    "a greeting with an envelope": (hello(_meta=ENVELOPE), READY, *LISTS),
    "what it has no more": (modern("server/discover"), modern("ping"), modern("logging/setLevel", level="info")),
    "what it never had": (modern("tools/list"), modern("nothing/known"), modern("tools/list")),
    "its news": (
        modern("tools/list"),
        tell("notifications/initialized"),
        tell("notifications/cancelled", requestId=77),
        modern("tools/list"),
    ),
    "other metadata": (
        modern("tools/list", ENVELOPE | {"progressToken": "p", "trace": "t"}),
        modern("tools/list", ENVELOPE | {"io.modelcontextprotocol/logLevel": "info"}),
        modern("tools/list", ENVELOPE | {"io.modelcontextprotocol/news": 1}),
    ),
    "odd client": (modern("tools/list", ENVELOPE | {"io.modelcontextprotocol/clientInfo": {"name": 1}}),),
    "extensions": (
        modern("tools/list", ENVELOPE | {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"a/b": {}}}}),
    ),
    "input responses": (modern("tools/call", name="tags", arguments={}, inputResponses={}), modern("tools/list")),
}

ONCE_GREETED: dict[str, tuple[Line, ...]] = {
    "garbage": (PING, *map(raw, ("hello", "", "{", "[]", "null", '"x"', "\0", "{}", '{"jsonrpc":"1.0"}')), *LISTS),
    "bytes that are no text": (raw(b'{"jsonrpc":"2.0","id":1,"method":"\xff"}'), PING),
    "a mark of byte order": (raw(b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}'), PING),
    "sixteen bits": (raw('{"jsonrpc":"2.0","id":1,"method":"ping"}'.encode("utf-16-le")), PING),
    "space around": (raw(' \t{ "jsonrpc" : "2.0" , "id":1,"method":"ping"}\r'), PING),
    "a name twice": (raw('{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'), PING),
    "batches": (raw('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'), PING),
    "odd identities": tuple(
        raw(f'{{"jsonrpc":"2.0","id":{identity},"method":"ping"}}')
        for identity in (
            '""',
            '"1"',
            "-1",
            "0",
            "-0",
            '"\\u2028\\u0000\\u007f"',
            '"é\\ud83d\\ude00"',
            "9007199254740993",
        )
    ),
    **{
        f"no identity: {identity}": (raw(f'{{"jsonrpc":"2.0","id":{identity},"method":"ping"}}'), PING)
        for identity in ("1.5", "1.0", "true", "{}", "[]", "null", "1e999", "1" * 30, "NaN")
    },
    "half a character": (
        raw('{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}'),
        raw('{"jsonrpc":"2.0","id":1,"method":"\\ud800"}'),
        raw('{"jsonrpc":"2.0","id":"\\ud800","method":5}'),
    ),
    "half a character as an argument": (call("upsert_note", slug="h", content="a\ud800"), NOTE),
    "half a character in a name": (ask("tools/call", name="\udfff"), NOTE),
    "a whole character in halves": (call("upsert_note", slug="h", content="\U0001f600"), call("get_note", ref="h")),
    "extra fields": (raw('{"jsonrpc":"2.0","id":1,"method":"ping","news":1}'), PING),
    "no parameters": (raw('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), PING),
    "null parameters": (raw('{"jsonrpc":"2.0","id":1,"method":"ping","params":null}'), PING),
    "parameters in a list": (raw('{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'), PING),
    "a method that is a number": (raw('{"jsonrpc":"2.0","id":77,"method":5}'), PING),
    "an answer nobody asked for": (raw('{"jsonrpc":"2.0","id":1,"result":{}}', answered=False), PING),
    "unknown methods": (ask("nothing/known"), ask("tools/call/x"), ask("logging/setLevel", level="info"), PING),
    "unknown news": (tell("notifications/nothing"), tell("nothing"), PING),
    "known news": (
        tell("notifications/roots/list_changed"),
        tell("notifications/progress", progressToken=1, progress=0.5),
        tell("notifications/progress", progressToken=[], progress="x"),
        READY,
        PING,
    ),
    "news with metadata": (tell("notifications/initialized", _meta={"a": 1}), PING),
    "cancelled what is not there": (
        tell("notifications/cancelled", requestId=5),
        tell("notifications/cancelled", requestId="5", reason="r"),
        tell("notifications/cancelled"),
        tell("notifications/cancelled", requestId=1.5, reason=2),
        PING,
    ),
    "tools": (
        *FILL,
        call("get_note", ref="a"),
        call("get_note", ref="a#part", format="json"),
        call("get_note", ref="none"),
        call("list_notes", tags=["x"]),
        call("search_notes", query="text"),
        call("edit_note", ref="a", mode="append", new_text="more\u2028\u0000\u202e\n"),
        call("get_note", ref="a"),
        call("revisions", ref="a"),
        call("nothing"),
        call(""),
        ask("tools/call", name="tags"),
        ask("tools/call", name="tags", _meta={"progressToken": 7, "claudecode/toolUseId": "toolu_1"}),
    ),
    "odd arguments": (
        *(call("list_notes", limit=value) for value in ODD_VALUES),
        call("list_notes", news=1),
        call("get_note"),
        call("get_note", ref=5),
        call("get_note", ref=["a"]),
        call("upsert_note", slug="a", is_public="maybe"),
        call("upsert_note", slug="a\n", tags=[1, 2]),
        call("upsert_note", slug=None),
        call("edit_note", ref="a", mode="nothing"),
        call("tags", limit="seven", prefix=5, project=[]),
        call("get_note", **{f"x{n}": n for n in range(9)}),
    ),
    "numbers that are none": (limited("NaN"), PING),
    "numbers without end": (limited("1e999"), PING),
    "numbers of many digits": (limited("1" * 5_000), PING),
    "deep arguments": (limited("[" * 300 + "]" * 300), PING),
    "very deep arguments": (limited("[" * 100_000 + "]" * 100_000), PING),
    "odd calls": (
        ask("tools/call"),
        ask("tools/call", name=5),
        ask("tools/call", name="tags", arguments=[]),
        ask("tools/call", name="tags", arguments=None),
        ask("tools/call", name="tags", news=1),
        ask("tools/call", name="tags", task={"ttl": 1}),
        ask("tools/call", name="tags", _meta=5),
        ask("tools/call", name="tags", _meta={"progressToken": 1.5}),
    ),
    "resources": (
        *FILL,
        ask("resources/list"),
        ask("resources/list", cursor="x"),
        ask("resources/list", cursor="x" * 11_000),
        *(
            ask("resources/read", uri=uri)
            for uri in ("note://a", "note://a@1", "note://a#part", "note://b", "brief://none")
        ),
        *(ask("resources/read", uri=uri) for uri in ("note://none", "", "nothing", "note://" + "x" * 11_000, "\u202e")),
    ),
    "odd resources": (ask("resources/read"), ask("resources/read", uri=5), ask("resources/list", cursor=5), PING),
    "lists with a cursor": (ask("tools/list", cursor="x"), ask("prompts/list", cursor=None), PING),
    "prompts": (
        *FILL,
        ask("prompts/get", name="plan"),
        ask("prompts/get", name="review", arguments={"ref": "a"}),
        ask("prompts/get", name="capture", arguments={"learning": "l"}),
        ask("prompts/get", name="capture", arguments={}),
        ask("prompts/get", name="capture", arguments={"news": "l"}),
        ask("prompts/get", name="none"),
    ),
    "odd prompts": (ask("prompts/get"), ask("prompts/get", name="plan", arguments={"goal": 5}), PING),
    "completion": (
        *FILL,
        completion("slug", ""),
        completion("slug", "a"),
        completion("project", ""),
        completion("nothing", "x"),
        completion("ref", "b", ref={"type": "ref/prompt", "name": "review"}),
        completion("ref", "b", ref={"type": "ref/prompt", "name": "none", "title": "t"}),
        completion("slug", "", context={"arguments": {"project": "x"}}),
    ),
    "odd completion": (
        completion("slug", "", ref={"type": "ref/none", "name": "x"}),
        ask("completion/complete", ref=PLACE),
        completion("slug", "", ref={"type": "ref/resource", "uri": "", "name": "n"}),
        PING,
    ),
    "subscriptions": (
        NOTE,
        ask("resources/subscribe", uri="note://a"),
        call("get_note", ref="a"),
        ask("resources/unsubscribe", uri="note://a"),
        *LISTS,
    ),
    "left in the midst": (
        NOTE,
        call("get_note", ref="a"),
        ask("nothing"),
        call("get_note", ref="a"),
        *LISTS,
        ask("nothing"),
    ),
}

SCRIPTS: dict[str, tuple[Line, ...]] = {
    **{f"handshake: {name}": script for name, script in HANDSHAKES.items()},
    **{f"modern: {name}": script for name, script in MODERN.items()},
    **{f"greeted: {name}": (*GREETED, *script) for name, script in ONCE_GREETED.items()},
}
