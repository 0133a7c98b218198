"""One process of a user holds a local model: started by whoever needs it, found by all, gone when nobody asks."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.embedding.tiny_model import DIMENSIONS, word_vector, write_model
from tests.store.meaning.local.conftest import PATIENCE, Local, needs_packages

from notewell_store.meaning.embedder import Late, Unreachable
from notewell_store.meaning.local.files import model_files
from notewell_store.meaning.local.meeting import LONGEST_ADDRESS, make_private, meeting_of

if TYPE_CHECKING:
    from tests.conftest import Processes

ASK = """
import sys
from notewell_store.meaning.choosing import Wanted, choose
embedder = choose(Wanted(f"onnx:{sys.argv[1]}"))
vector = embedder.query("fire", 60)
print(len(vector), *(name for name in ("numpy", "onnxruntime", "tokenizers") if name in sys.modules))
"""


@needs_packages
def test_texts_get_the_mean_of_their_tokens_and_the_space_names_the_model(local: Local) -> None:
    embedder = local.embedder()
    space = embedder.space(PATIENCE)
    assert space.dimensions == DIMENSIONS
    assert space.name.startswith("onnx ")
    assert space.name.endswith(f" 256 mean {DIMENSIONS}")
    [one, two, none] = embedder.passages(["tea", "Tea RAIN", " "], PATIENCE)
    assert one is not None and two is not None and none is None
    assert one.tolist() == pytest.approx(word_vector("tea"), abs=1e-6)
    mean = [a + b for a, b in zip(word_vector("tea"), word_vector("rain"), strict=True)]
    length = sum(number * number for number in mean) ** 0.5
    assert two.tolist() == pytest.approx([number / length for number in mean], abs=1e-6)
    assert embedder.query("sack", PATIENCE).tolist() == pytest.approx(word_vector("fire"), abs=1e-6)
    assert (embedder.name, embedder.is_remote, embedder.sends) == (f"onnx:{local.folder}", False, "all")


@needs_packages
def test_a_model_is_asked_as_its_files_say(local: Local) -> None:
    (local.folder / "config.json").write_text(json.dumps({"_name_or_path": "intfloat/multilingual-e5-small"}))
    (local.folder / "1_Pooling").mkdir()
    (local.folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    embedder = local.embedder()
    assert " e5 256 first " in embedder.space(PATIENCE).name
    assert embedder.query("tea", PATIENCE).tolist() == pytest.approx(word_vector("query"), abs=1e-6)
    [vector] = embedder.passages(["tea"], PATIENCE)
    assert vector is not None
    assert vector.tolist() == pytest.approx(word_vector("passage"), abs=1e-6)


@needs_packages
def test_though_many_ask_at_once_one_process_is_started(local: Local, processes: Processes) -> None:
    started = [processes.start(ASK, local.folder) for _ in range(4)]
    with ThreadPoolExecutor(16) as threads:
        embedders = [local.embedder() for _ in range(16)]
        found = list(threads.map(lambda embedder: len(embedder.query("fire", PATIENCE)), embedders))
    assert found == [DIMENSIONS] * 16
    holder = local.holder()
    assert [processes.finish(process).split() for process in started] == [[str(DIMENSIONS)]] * 4
    assert local.holder() == holder


@needs_packages
def test_who_asks_loads_none_of_the_model(local: Local, processes: Processes) -> None:
    assert processes.finish(processes.start(ASK, local.folder)) == f"{DIMENSIONS}\n"


@needs_packages
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_is_nobodys_child_and_has_no_stream_of_its_starter(local: Local, processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        os.set_inheritable(listening.fileno(), True)
        starter = processes.start(ASK, local.folder)
        processes.finish(starter)  # whose pipes are at their end: nobody else holds them
    proc = Path(f"/proc/{local.holder()}")
    opened = {file.name: str(file.readlink()) for file in (proc / "fd").iterdir()}
    assert {opened[number] for number in "012"} == {"/dev/null"}
    assert not [name for name in opened.values() if name.startswith("pipe:")]
    parent, _, session = map(int, (proc / "stat").read_text().rpartition(")")[2].split()[1:4])
    assert parent not in (starter.pid, os.getpid())
    assert session not in (os.getsid(0), os.getsid(os.getpid()))
    assert (proc / "cwd").readlink() == Path("/")


@needs_packages
def test_nobody_else_may_reach_it(local: Local, runtime: Path) -> None:
    local.embedder().space(PATIENCE)
    meeting = local.meeting
    assert meeting.socket.parent == runtime / "notewell"
    assert stat.S_IMODE(meeting.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(meeting.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(meeting.lock.stat().st_mode) == 0o600


@needs_packages
def test_one_that_was_killed_is_followed_by_another(local: Local) -> None:
    embedder = local.embedder()
    embedder.query("fire", PATIENCE)
    killed = local.holder()
    local.kill()
    assert local.meeting.socket.exists()
    assert embedder.query("fire", PATIENCE)
    assert local.holder() != killed


@needs_packages
def test_who_asks_one_that_is_killed_meanwhile_is_answered_by_its_successor(local: Local) -> None:
    embedder = local.embedder()
    embedder.query("fire", PATIENCE)
    killed = local.holder()
    with ThreadPoolExecutor(1) as threads:
        filling = threads.submit(embedder.passages, ["tea " * 200 + str(number) for number in range(1_000)], PATIENCE)
        os.kill(killed, signal.SIGKILL)
        assert None not in filling.result(PATIENCE)
    assert local.holder() != killed


@needs_packages
def test_a_model_that_was_replaced_is_served_by_another_process(local: Local) -> None:
    local.embedder().query("fire", PATIENCE)
    first = local.holder()
    os.utime(local.folder / "model.onnx", ns=(1, 1))
    try:
        local.embedder().query("fire", PATIENCE)
        assert local.holder() != first
    finally:
        local.kill()
        os.kill(first, 9)


SERVE = """
import sys
from notewell_store.meaning.local.files import model_files
from notewell_store.meaning.local.meeting import meeting_of
from notewell_store.meaning.local.serving import serve
files = model_files(sys.argv[1])
meeting = meeting_of(files)
serve(files, meeting, meeting.try_lock(), idle=float(sys.argv[2]), ready=lambda: print("ready", flush=True))
"""


@needs_packages
def test_it_ends_when_nobody_has_asked_for_a_while(local: Local, processes: Processes) -> None:
    serving = processes.start(SERVE, local.folder, 0.3)
    assert processes.finish(serving) == "ready\n"
    assert not local.meeting.socket.exists()


@needs_packages
def test_what_it_is_asked_is_bounded(local: Local) -> None:
    local.embedder().space(PATIENCE)
    for head, body, status in (
        (b"POST /embeddings HTTP/1.0\r\nContent-Length: 99999999999\r\n\r\n", b"", 413),
        (b"POST /embeddings HTTP/1.0\r\n\r\n", b"", 413),
        (b"POST /embeddings HTTP/1.0\r\nContent-Length: -5\r\n\r\n", b"", 413),
        (b"POST /other HTTP/1.0\r\nContent-Length: 2\r\n\r\n", b"{}", 404),
        (b"GET / HTTP/1.0\r\n\r\n", b"", 404),
        *(
            (f"POST /embeddings HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode(), body, 400)
            for body in (
                b"[" * 100_000,
                b"{}",
                b"[]",
                b"\xff",
                b'{"input": "x", "input_type": "query"}',
                b'{"input": [1], "input_type": "query"}',
                b'{"input": ["x"], "input_type": "other"}',
                b'{"input": [' + b'"x",' * 300 + b'"x"], "input_type": "query"}',
            )
        ),
    ):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(local.meeting.socket))
            connection.sendall(head + body)
            assert connection.recv(100).split()[1] == str(status).encode(), head + body[:40]
    assert local.embedder().query("fire", PATIENCE)


@needs_packages
def test_a_query_does_not_wait_for_passages_that_came_before(local: Local) -> None:
    embedder = local.embedder()
    embedder.space(PATIENCE)
    begun, texts = threading.Event(), ["tea " * 200 + str(number) for number in range(2_000)]

    def fill() -> float:
        begun.set()
        embedder.passages(texts, PATIENCE)
        return threading.get_ident()

    with ThreadPoolExecutor(1) as threads:
        filling = threads.submit(fill)
        begun.wait(PATIENCE)
        asked = 0
        while not filling.done():
            embedder.query("fire", PATIENCE)
            asked += 1
        assert asked > 5


def test_a_model_that_cannot_be_loaded_is_told_with_the_reason(local: Local) -> None:
    (local.folder / "model.onnx").write_bytes(b"no\n\nmodel")
    with pytest.raises(Unreachable) as failure:
        local.embedder().space(PATIENCE)
    assert not isinstance(failure.value, Late)
    assert failure.value.why.isprintable()
    assert failure.value.why.startswith(f"onnx:{local.folder} cannot be served: ")
    assert ("cannot be loaded" in failure.value.why) or ("pip install 'notewell[meaning]'" in failure.value.why)


def test_a_model_that_has_gone_is_told(local: Local) -> None:
    embedder = local.embedder()
    for name in ("model.onnx", "tokenizer.json"):
        (local.folder / name).unlink()
    with pytest.raises(Unreachable, match="is no folder with"):
        embedder.space(PATIENCE)
    write_model(local.folder)


def test_who_has_little_patience_is_not_held_up_by_the_start(local: Local) -> None:
    with pytest.raises(Late):
        local.embedder().space(0.0)


@pytest.mark.parametrize("kind", ["a file", "a folder", "a link"])
def test_what_is_no_socket_of_this_user_is_sent_nothing(local: Local, tmp_path: Path, kind: str) -> None:
    place = local.meeting.socket
    if kind == "a file":
        place.touch()
    elif kind == "a folder":
        place.mkdir()
    else:
        place.symlink_to(tmp_path / "elsewhere.sock")
    with pytest.raises(Unreachable, match="is not a socket of this user, so nothing is sent there"):
        local.embedder().space(PATIENCE)


def test_a_folder_that_others_may_enter_or_that_is_anothers_is_not_used(tmp_path: Path) -> None:
    for mode in (0o755, 0o770, 0o701):
        (tmp_path / oct(mode)).mkdir()
        (tmp_path / oct(mode)).chmod(mode)
        with pytest.raises(PermissionError, match="others may enter it"):
            make_private(tmp_path / oct(mode))
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    (tmp_path / "file").touch(mode=0o600)
    for name in ("link", "file"):
        with pytest.raises(PermissionError, match="is not this user's own folder"):
            make_private(tmp_path / name)
    if os.geteuid() == 0:
        os.chown(tmp_path / "own", 12345, 12345)
        with pytest.raises(PermissionError, match="is not this user's own folder"):
            make_private(tmp_path / "own")


def test_where_one_folder_cannot_be_used_the_next_is(
    local: Local, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(runtime.parent / "cache"))
    (runtime / "notewell").mkdir(mode=0o755)
    (runtime / "notewell").chmod(0o755)
    files = model_files(str(local.folder))
    assert meeting_of(files).socket.parent == runtime.parent / "cache" / "notewell" / "embedding"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert meeting_of(files).socket.parent == runtime.parent / "cache" / "notewell" / "embedding"
    long = runtime.parent / ("x" * 100)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setenv("XDG_CACHE_HOME", str(long))
    assert len(str(meeting_of(files).socket)) <= LONGEST_ADDRESS
    assert not long.exists()
