"""What the quick door understands: requests of exactly these shapes, a part of what the protocol allows.

Whatever is not found to be one of them is the SDK's to judge, so that nothing here has to word a refusal.
"""

import json
from collections.abc import Callable
from typing import Any, Literal

Json = dict[str, Any]
Era = Literal["handshake", "2026-07-28"]
HANDSHAKE: Era = "handshake"
MODERN: Era = "2026-07-28"

RESERVED = "io.modelcontextprotocol/"
VERSION, CLIENT, CAPABILITIES = (
    f"{RESERVED}{name}" for name in ("protocolVersion", "clientInfo", "clientCapabilities")
)
ASKED_FOR_ROOTS: Json = {"jsonrpc": "2.0", "id": 1, "method": "roots/list"}
LARGEST_ID = 2**53


def read(line: bytes) -> Json | None:
    """The message on a line, if it is a request or a notification of the plainest kind."""
    message = _json(line)
    if not isinstance(message, dict) or not message.keys() <= {"jsonrpc", "id", "method", "params"}:
        return None
    params = message.setdefault("params", {})
    is_plain = message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str) and isinstance(params, dict)
    return message if is_plain and ("id" not in message or is_id(message["id"])) else None


def roots_in(line: bytes) -> list[str] | None:
    """The URIs of an answer to ASKED_FOR_ROOTS, if the line is one."""
    message = _json(line)
    return [root["uri"] for root in message["result"]["roots"]] if _are_roots(message) else None


def _json(line: bytes) -> Any:
    """What stands on a line; nothing where that is not text in JSON, to the letter."""
    try:
        found = _DECODER.decode(line.decode())
        if b"\\ud" in line or b"\\uD" in line:
            json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def written(message: Json) -> bytes:
    """A message as one line."""
    return _ENCODER.encode(message).encode() + b"\n"


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Kept: to make one for each message takes as long as most messages do."""


def is_id(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= LARGEST_ID
    return isinstance(value, str)


def era_of(params: Json) -> Era:
    """The protocol era whose requests carry such parameters: the later one's say their version each."""
    meta = params.get("_meta")
    return MODERN if isinstance(meta, dict) and VERSION in meta else HANDSHAKE


def is_known(era: Era, method: str, params: Json) -> bool:
    """Whether a request is one that the quick door answers."""
    fits = _METHODS[era].get(method)
    given = {name: value for name, value in params.items() if name != "_meta"}
    return fits is not None and fits(given) and ("_meta" not in params or _is_meta(era, params["_meta"]))


def is_notice(era: Era | None, method: str, params: Json) -> bool:
    """Whether a notification is one that the quick door heeds."""
    if era == HANDSHAKE and method == "notifications/initialized":
        return not params
    fits = _object(requestId=is_id)(params) or _object(requestId=is_id, reason=_is_text)(params)
    return era is not None and method == "notifications/cancelled" and fits


def _is_meta(era: Era, meta: object) -> bool:
    if not isinstance(meta, dict):
        return False
    others = {name: value for name, value in meta.items() if not name.startswith(RESERVED)}
    fits_others = is_id(others.pop("progressToken", 0)) and all(map(_is_text, others.values()))
    own = {name: value for name, value in meta.items() if name.startswith(RESERVED)}
    return fits_others and (not own if era == HANDSHAKE else _is_envelope(own))


def _is_envelope(own: Json) -> bool:
    version = own.pop(VERSION, None)
    return version == MODERN and _object({CLIENT: _is_client}, **{CAPABILITIES: _are_capabilities})(own)


Fits = Callable[[object], bool]


def _object(optional: dict[str, Fits] | None = None, /, **required: Fits) -> Fits:
    """A JSON object with these fields and no others."""
    known = {**(optional or {}), **required}

    def fits(value: object) -> bool:
        if not isinstance(value, dict) or not required.keys() <= value.keys() <= known.keys():
            return False
        return all(known[name](each) for name, each in value.items())

    return fits


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _are_objects(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_object, value.values()))


def _is_list_of(fits: Fits, value: object) -> bool:
    return isinstance(value, list) and all(map(fits, value))


def _is(word: object) -> Fits:
    return lambda value: value == word


_is_client = _object(dict.fromkeys(("title", "description", "websiteUrl"), _is_text), name=_is_text, version=_is_text)
_are_capabilities = _object(
    {
        "roots": _object({"listChanged": lambda value: isinstance(value, bool)}),
        "sampling": _object({"context": _is(Json()), "tools": _is(Json())}),
        "elicitation": _object({"form": _is(Json()), "url": _is(Json())}),
        "experimental": _are_objects,
    }
)
_is_root = _object({"name": _is_text}, uri=lambda value: isinstance(value, str) and value.startswith("file:///"))
_are_roots = _object(
    jsonrpc=_is("2.0"), id=_is(ASKED_FOR_ROOTS["id"]), result=_object(roots=lambda value: _is_list_of(_is_root, value))
)
_is_prompt = _object({"title": _is_text}, type=_is("ref/prompt"), name=_is_text)
_is_template = _object(type=_is("ref/resource"), uri=_is_text)

_OF_BOTH: dict[str, Fits] = {
    "tools/list": _object(),
    "prompts/list": _object(),
    "resources/templates/list": _object(),
    "resources/list": _object({"cursor": _is_text}),
    "resources/read": _object(uri=_is_text),
    "tools/call": _object({"arguments": _is_object}, name=_is_text),
    "prompts/get": _object({"arguments": _are_texts}, name=_is_text),
    "completion/complete": _object(
        {"context": _object({"arguments": _are_texts})},
        ref=lambda value: _is_prompt(value) or _is_template(value),
        argument=_object(name=_is_text, value=_is_text),
    ),
}
_METHODS: dict[Era, dict[str, Fits]] = {
    HANDSHAKE: {
        **_OF_BOTH,
        "ping": _object(),
        "initialize": _object(protocolVersion=_is_text, capabilities=_are_capabilities, clientInfo=_is_client),
    },
    MODERN: {**_OF_BOTH, "server/discover": _object()},
}
