"""How the store is kept, as administrators see it, and what they start by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, environment
from tests.server.http.conftest import PATIENCE
from tests.server.pages.conftest import served
from tests.server.pages.test_reading import in_words

from notewell_server.pages.running import Runner, Task
from notewell_server.pages.settings import PageSettings, Source, read_page_settings
from notewell_server.runs import KEPT, Runs
from notewell_store import Invalid, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.pages.conftest import Pages, Reader

EACH = ("/operations", "/operations/runs", "/operations/doctor")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A store of one note, of which a folder may be imported."""
    place = tmp_path_factory.mktemp("kept")
    (place / "handbook").mkdir()
    (place / "handbook" / "deploy.md").write_text("# Deploy\n\nSlowly.\n")
    imports = {"handbook": Source(place / "handbook", False), "gone": Source(place / "gone", False)}
    settings = PageSettings(imports=imports, backups=place / "copies")
    with served(place / "notewell.db", settings) as pages:
        pages.call("upsert_note", slug="a", content="# A\n")
        yield pages


def started(reader: Reader, what: str, of: str = "") -> str:
    """The id of what was started, once it has ended; what goes on is waited for."""
    while True:
        answer = reader.send("/operations", {"what": what, "of": of})
        assert answer.status == 303, answer.body
        newest = run_ids(reader)[0] if run_ids(reader) else ""
        told = log_of(reader, newest) if newest else []
        if answer.headers["location"] == "/operations":
            assert told[-1][0] == "end"
            return newest


def run_ids(reader: Reader) -> list[str]:
    return re.findall(r'href="/operations/runs/([^"]+)"', reader.page("/operations/runs"))


def log_of(reader: Reader, run: str) -> list[tuple[str, object]]:
    """What the stream tells, up to its end."""
    text = reader.get(f"/operations/runs/{run}/log").body.decode()
    return [(kind, json.loads(data)) for kind, data in re.findall(r"event: (\w+)\ndata: (.*)\n", text)]


def test_operations_are_for_administrators_of_the_whole_store(kept: Pages) -> None:
    kept.call("projects", slug="web", name="Web")
    others = [
        kept.holder(kept.make_token("reads", "read")),
        kept.holder(kept.make_token("web-admin", "admin", project="web")),
    ]
    for path in EACH:
        assert kept.anybody().get(path).headers["location"] == "/sign-in?next=/operations"
        assert [reader.get(path).status for reader in others] == [403, 403]
    before = kept.log.count('"what": "start_run"')
    statuses = [reader.post("/operations", what="verify").status for reader in (kept.anybody(), *others)]
    assert statuses == [401, 403, 403]
    assert kept.log.count('"what": "start_run", "note": "verify", "outcome": "forbidden"') == 2
    assert kept.log.count('"what": "start_run"') == before + 3
    assert run_ids(kept.owner()) == []


def test_a_backup_and_a_verification_are_started_by_hand_and_told_with_their_outcome(kept: Pages) -> None:
    reader = kept.holder(kept.make_token("ann", "admin"))
    assert "Newest backup none is known Verified never, as far as is known" in in_words(reader.page("/operations"))
    backup, verify = started(reader, "backup"), started(reader, "verify")
    (made,) = (kept.database.parent / "copies").iterdir()
    words = in_words(reader.page("/operations"))
    assert "Newest backup just now Verified just now ok" in words
    assert f"backup just now ○ probably a person ann ok {made}: 1 note, 1 revision" in words
    assert "whole: 1 note, 1 revision, up to change" in in_words(reader.page(f"/operations/runs/{verify}"))
    assert "1 of 1" in in_words(reader.page(f"/operations/runs/{backup}"))
    assert '"actor": "ann", "means": "session", "what": "start_run", "note": "backup", "outcome": "ok"' in kept.log
    assert "integrity quick check passed" in in_words(reader.page("/operations/doctor"))


def test_an_import_takes_the_folder_of_that_name_in_the_name_of_who_started_it(kept: Pages) -> None:
    started(kept.holder(kept.make_token("bea", "admin")), "import", "handbook")
    (revision,) = kept.call("revisions", ref="deploy")["revisions"]
    assert revision["actor"] == "bea"


@pytest.mark.parametrize(
    "sent", [{"what": "import", "of": "/etc"}, {"what": "restore"}, {"what": "backup", "of": "/tmp/x"}]
)
def test_nothing_is_started_that_no_setting_names(kept: Pages, sent: dict[str, str]) -> None:
    reader = kept.owner()
    before = run_ids(reader)
    assert reader.send("/operations", sent).status == 400
    assert reader.post("/operations", {"Origin": "https://evil.example"}, what="verify").status == 403
    assert run_ids(reader) == before


def test_what_cannot_be_done_says_why(kept: Pages) -> None:
    reader = kept.owner()
    run = started(reader, "import", "gone")
    assert log_of(reader, run) == [("end", "problem")]
    assert "failed" in in_words(reader.page(f"/operations/runs/{run}"))
    assert f"'{kept.database.parent / 'gone'}' does not exist" in in_words(reader.page(f"/operations/runs/{run}"))


def test_one_goes_at_a_time_whichever_worker_started_it(kept: Pages) -> None:
    reader = kept.owner()
    started(reader, "verify")
    runs = Runs(kept.database)
    turn = None
    while turn is None:  # the last one's end is told a moment before it has gone
        turn = runs.take_turn()
    before = run_ids(reader)
    answer = reader.post("/operations", what="verify")
    assert (answer.status, answer.headers["location"]) == (303, "/operations?refused=1")
    assert "Nothing was started" in reader.page("/operations?refused=1")
    assert run_ids(reader) == before
    assert '"note": "verify", "outcome": "conflict"' in kept.log
    os.close(turn)


def test_what_was_run_on_the_command_line_is_known_too(kept: Pages) -> None:
    started(kept.owner(), "backup")  # after which runs are kept
    command = [str(NOTEWELL), "--actor", "nightly", "verify"]
    subprocess.run(command, env=environment(kept.database), check=True, capture_output=True, timeout=PATIENCE)
    assert "verify just now ○ probably a person nightly ok whole: " in in_words(kept.owner().page("/operations"))


def test_a_run_that_was_cut_off_is_told_from_one_that_goes_on(kept: Pages) -> None:
    run = Runs(kept.database).begin("backup", "elsewhere", "nightly")
    run.progress(1, 10)
    reader = kept.owner()
    page = reader.page("/operations")
    assert f'data-log="/operations/runs/{run.id}/log"' in page
    assert 'hx-trigger="every 2s"' in page
    assert '<progress value="1" max="10"' in page
    run.close()
    assert "backup elsewhere just now ○ probably a person nightly cut off" in in_words(reader.page("/operations"))
    assert log_of(reader, run.id)[-1] == ("end", "cut off")


def test_the_doctor_looks_once_at_a_time_however_often_it_is_asked(kept: Pages) -> None:
    reader = kept.owner()
    with ThreadPoolExecutor(6) as several:
        statuses = set(several.map(lambda _: reader.get("/operations/doctor").status, range(12)))
    assert 200 in statuses
    assert statuses <= {200, 503}
    assert reader.get("/operations/doctor").status == 200


def test_the_log_of_a_run_takes_a_place_of_who_may_read_it_only(kept: Pages) -> None:
    run = Runs(kept.database).begin("backup", "elsewhere", "nightly")
    path = f"/operations/runs/{run.id}/log"
    assert kept.anybody().get(path).status == 401
    assert kept.holder(kept.make_token("peeks", "read")).get(path).status == 403
    cookies = "; ".join(f"{name}={value}" for name, value in kept.owner().cookies.items())
    head = kept.site.ask(path, "HEAD", Cookie=cookies)  # which ends, though the run goes on
    assert (head.status, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    run.close()


@pytest.mark.parametrize(
    "lines",
    [b"", b'{"at": "x"', b'{"at": "x"}', b'{"at": "x", "what": "backup"}', b'{"at": "x", "total": 1}', b"[]\n7\n\xff"],
    ids=str,
)
def test_a_run_whose_file_is_damaged_hides_no_other(tmp_path: Path, lines: bytes) -> None:
    runs = Runs(tmp_path / "notewell.db")
    for _ in range(2):
        run = runs.begin("backup", "", "ann")
        run.close()
    (tmp_path / "notewell.db.runs" / f"{run.id}.jsonl").write_bytes(lines)
    assert runs.read(run.id) is None
    assert len(runs.newest(9)) == 1


def test_what_cannot_be_started_leaves_the_turn_to_others(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "notewell.db")
    with pytest.raises(ValueError, match="null byte"):
        Runner(str(tmp_path / "notewell.db"), runs).start(Task("backup", "", ("backup", "\0")), "ann")
    (run,) = runs.newest(9)
    assert (run.state, run.is_going_on) == ("problem", False)
    turn = runs.take_turn()
    assert turn is not None
    os.close(turn)


def test_a_command_ends_with_the_server_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.md").write_text("# B\n")
    settings = PageSettings(imports={"in": Source(tmp_path / "in", False)})
    database = tmp_path / "notewell.db"
    store = open_store(database)
    with store.writing(), served(database, settings) as pages:  # the import waits for the lock
        reader = pages.owner()
        assert reader.post("/operations", what="import", of="in").status == 303
        (identity,) = run_ids(reader)
    run = Runs(database).read(identity)
    assert run and (run.state, run.is_going_on) == ("problem", False)
    store.close()


def test_no_more_runs_of_a_kind_are_kept_than_are_looked_at(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "notewell.db")
    runs.begin("import", "", "ann").close()
    for number in range(KEPT + 1):
        run = runs.begin("backup", str(number), "ann")
        run.end("ok", "")
        run.close()
    kept = runs.newest(2 * KEPT)
    assert [run.what for run in kept].count("backup") == KEPT
    assert kept[0].of == str(KEPT)
    assert runs.newest(1, "import")[0].state is None
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "notewell.db.runs").iterdir()} == {0o600}


def test_nothing_is_laid_beside_a_backup_that_is_verified(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Runs(tmp_path / "notewell-20261129T214341Z.db").begin("verify", "", "ann")
    assert list(tmp_path.iterdir()) == []


def test_a_name_from_an_address_leads_to_no_other_file(kept: Pages) -> None:
    for name in ("turn", "..", "..%5Cnotewell.db.tokens", "x"):
        assert kept.owner().get(f"/operations/runs/{name}").status in (400, 404)


def test_settings_of_runs_name_whole_paths() -> None:
    given = {"NOTEWELL_PAGES_IMPORTS": "docs=/srv/docs, web=git:/srv/web.git", "NOTEWELL_PAGES_BACKUPS": "/srv/copies"}
    read = read_page_settings(given)
    assert {name: (str(path), is_git) for name, (path, is_git) in read.imports.items()} == {
        "docs": ("/srv/docs", False),
        "web": ("/srv/web.git", True),
    }
    for name, value in (
        ("IMPORTS", "docs=docs"),
        ("IMPORTS", "/srv/docs"),
        ("IMPORTS", "a b=/x"),
        ("BACKUPS", "copies"),
    ):
        with pytest.raises(Invalid, match=f"NOTEWELL_PAGES_{name}"):
            read_page_settings({f"NOTEWELL_PAGES_{name}": value})
