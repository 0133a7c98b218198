"""Records what the SDK's door answers to what asks nothing of the store: the stdio package's `prepared.json`."""

import json
import os
import subprocess
import sys
import tempfile

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION

from notewell_server.stdio.messages import CAPABILITIES, HANDSHAKE, MODERN, VERSION, Json, written

LISTS = ("tools/list", "prompts/list", "resources/templates/list")
_DOOR = "from notewell_server.mcp.stdio import serve; serve()"


def recorded() -> bytes:
    """What PREPARED holds. Raises ValueError when two versions that shake hands are answered differently."""
    older = [_handshake(version) for version in HANDSHAKE_PROTOCOL_VERSIONS]
    if any(answers != older[0] for answers in older):
        raise ValueError("versions of the protocol that shake hands are answered differently")
    envelope: Json = {"_meta": {VERSION: MODERN, CAPABILITIES: {}}}
    modern = _answers([(method, envelope) for method in ("server/discover", *LISTS)])
    prepared = {"versions": list(HANDSHAKE_PROTOCOL_VERSIONS), HANDSHAKE: older[0], MODERN: modern}
    return json.dumps(prepared, ensure_ascii=False, indent=1).encode() + b"\n"


def _handshake(version: str) -> Json:
    """The answers, as if the client had asked for the latest version."""
    client = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "recording", "version": "1"}}
    asked: list[tuple[str, Json]] = [("initialize", client), *((method, {}) for method in ("ping", *LISTS))]
    answers = _answers(asked)
    if answers["initialize"]["protocolVersion"] != version:
        raise ValueError(f"{version} is not spoken")
    answers["initialize"]["protocolVersion"] = LATEST_HANDSHAKE_VERSION
    return answers


def _answers(asked: list[tuple[str, Json]]) -> Json:
    """Results by method."""
    lines = [written({"jsonrpc": "2.0", "id": method, "method": method, "params": params}) for method, params in asked]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _DOOR],
            input=b"".join(lines),
            stdout=subprocess.PIPE,
            env=os.environ | {"NOTEWELL_DB": f"{folder}/notewell.db"},
            check=True,
            timeout=60,
        )
    answers = {answer["id"]: answer["result"] for answer in map(json.loads, done.stdout.splitlines())}
    return {method: answers[method] for method, _ in asked}
