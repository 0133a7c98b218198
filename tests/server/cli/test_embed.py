"""The settings of an embedder at the command line: what the doctor tells, and serving a local model by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.embedding.server import EmbeddingServer, refused
from tests.embedding.tiny_model import write_model
from tests.server.conftest import NOTEWELL, PATIENCE, environment, heed_interrupts
from tests.store.meaning.local.conftest import needs_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import CommandLine

SECRET = "sk-Xy7-secret"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started


@pytest.fixture
def runtime() -> Iterator[str]:
    """The user's runtime folder, with a short name: that of a socket may not be long."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def embedder_line(command: CommandLine, **settings: str) -> str:
    """What the doctor says of the embedder, with what to do."""
    done = command.run("doctor", added={f"NOTEWELL_EMBED{name}": value for name, value in settings.items()})
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    at = next((number for number, line in enumerate(lines) if "  embedder: " in line), None)
    if at is None:
        return ""
    advice = lines[at + 1 : at + 2]
    return "\n".join([lines[at], *(line for line in advice if line.startswith(" "))])


def test_the_doctor_tells_of_the_embedder_that_is_named_and_of_none_where_none_is(
    command: CommandLine, server: EmbeddingServer
) -> None:
    assert embedder_line(command) == ""
    assert embedder_line(command, **{"": "none"}) == ""
    assert embedder_line(command, **{"": ""}) == ""
    told = embedder_line(command, **{"": server.url, "_MODEL": "all-minilm", "_DIMENSIONS": "64"})
    assert told == (
        f"ok       embedder: 127.0.0.1:{server.port}, all-minilm, on this machine; "
        "64 numbers, space ollama all-minilm 1b226e2802db 64"
    )


def test_the_doctor_warns_of_one_that_may_not_be_asked_and_says_what_would_leave(command: CommandLine) -> None:
    told = embedder_line(command, **{"": "https://api.example/v1", "_MODEL": "x"})
    assert told.startswith("WARNING  embedder: api.example is not this machine, so nothing is sent there.")
    assert "whatever is searched for" in told
    assert told.endswith("→ until then search goes by words alone")


def test_no_command_tells_a_key(command: CommandLine, server: EmbeddingServer, tmp_path: Path) -> None:
    server.key = "another"
    (tmp_path / "key").write_text(SECRET)
    for given in ({"_KEY": SECRET}, {"_KEY_FILE": str(tmp_path / "key")}):
        settings = {"": f"{server.url}/v1", "_MODEL": "all-minilm", **given}
        assert "refuses the key, or the lack of one (401)" in embedder_line(command, **settings)
        done = command.run("doctor", "--json", added={f"NOTEWELL_EMBED{name}": text for name, text in settings.items()})
        assert SECRET.encode() not in done.stdout + done.stderr
    server.key = SECRET
    server.next.append(refused(500, SECRET))
    assert SECRET not in embedder_line(command, **settings)
    assert embedder_line(command, **settings).startswith("ok")
    assert SECRET not in embedder_line(command, **{"": f"https://ann:{SECRET}@api.example/v1", "_MODEL": "x"})
    assert SECRET not in embedder_line(command, **{"": server.url, "_MODEL": "x", "_KEY": f"{SECRET}${{x"})
    assert SECRET not in embedder_line(command, **{"": f"https://x/?{SECRET}${{x}}", "_MODEL": "x"})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("_DIMENSIONS", "many", "NOTEWELL_EMBED_DIMENSIONS is 'many': it may be a number from 8 to 8192"),
        ("_DIMENSIONS", "7", "it may be a number from 8 to 8192"),
        ("_DIMENSIONS", "9" * 5000, "it may be a number from 8 to 8192"),
        ("_DIMENSIONS", "²²", "it may be a number from 8 to 8192"),
        ("_REMOTE", "yes", "NOTEWELL_EMBED_REMOTE is 'yes': it may be public or all"),
        ("_MODEL", "${MODEL}", "NOTEWELL_EMBED_MODEL is '${MODEL}': its host did not expand it"),
        ("_KEY", "${KEY}", "NOTEWELL_EMBED_KEY holds a ${…}: its host did not expand it"),
        ("_KEY_FILE", "${HOME}/key", "NOTEWELL_EMBED_KEY_FILE is '${HOME}/key': its host did not expand it"),
        ("", "${EMBED}", "NOTEWELL_EMBED holds a ${…}: its host did not expand it"),
    ],
)
def test_a_setting_that_nobody_can_have_meant_is_a_problem(
    command: CommandLine, name: str, value: str, told: str
) -> None:
    line = embedder_line(command, **{"": "http://localhost:1", "_MODEL": "x", name: value})
    assert line.startswith("PROBLEM  embedder: ")
    assert told in line


def test_what_is_set_wrong_is_no_matter_where_no_embedder_is_named(command: CommandLine) -> None:
    assert embedder_line(command, **{"": "none", "_DIMENSIONS": "many", "_REMOTE": "yes"}) == ""


def test_only_a_local_model_can_be_served(command: CommandLine) -> None:
    for where in ("none", "http://localhost:11434", "https://x.example/v1"):
        told = command.refusal("embed", "--serve", added={"NOTEWELL_EMBED": where, "NOTEWELL_EMBED_MODEL": "x"})
        assert told == "NOTEWELL_EMBED names no local model to serve, as onnx:/models/minilm does"
    told = command.refusal("embed", "--serve", added={"NOTEWELL_EMBED": "onnx:/nowhere"})
    assert told.startswith("onnx:/nowhere is no folder with model.onnx and tokenizer.json")
    assert "its host did not expand it" in command.refusal("embed", "--serve", added={"NOTEWELL_EMBED": "${X}"})


def test_by_hand_one_sees_why_a_model_is_not_served(command: CommandLine, tmp_path: Path, runtime: str) -> None:
    folder = write_model(tmp_path / "broken")
    (folder / "model.onnx").write_bytes(b"broken")
    told = command.refusal("embed", "--serve", added={"NOTEWELL_EMBED": f"onnx:{folder}", "XDG_RUNTIME_DIR": runtime})
    assert "cannot be loaded" in told or "pip install 'notewell[meaning]'" in told


@needs_packages
def test_a_model_that_is_served_by_hand_is_the_one_that_all_ask(
    command: CommandLine, tmp_path: Path, runtime: str
) -> None:
    added = {"NOTEWELL_EMBED": f"onnx:{write_model(tmp_path / 'tiny')}", "XDG_RUNTIME_DIR": runtime}
    serving = subprocess.Popen(
        [NOTEWELL, "embed", "--serve"],
        env=environment(command.database, added),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    try:
        assert serving.stderr is not None
        assert "serving the model in" in serving.stderr.readline()
        told = command.refusal("embed", "--serve", added=added)
        assert told.endswith(f"is served already, by process {serving.pid}")
        assert "on this machine; 32 numbers" in command.run("doctor", added=added).stdout.decode()
        assert len(list(Path(runtime).rglob("*.sock"))) == 1
        os.kill(serving.pid, signal.SIGINT)
        assert (serving.wait(PATIENCE), serving.stderr.read()) == (0, "")
        assert list(Path(runtime).rglob("*.sock")) == []
    finally:
        serving.kill()
        serving.communicate(timeout=PATIENCE)
