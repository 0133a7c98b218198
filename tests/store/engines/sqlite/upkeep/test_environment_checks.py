"""What the doctor sees around a store: the kind of its disk, and how full that is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.upkeep.environment_checks import file_system_of

if TYPE_CHECKING:
    from pathlib import Path


MOUNTS = r"""
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /mnt/share rw,relatime shared:1 - nfs4 server:/share rw
31 22 0:27 / /mnt/with\040space rw - fuse.sshfs me@host:/ rw
32 30 0:28 / /mnt/share/local rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/share/a/b", "nfs4"),
        ("/mnt/share/local/a", "tmpfs"),
        ("/mnt/with space/a", "fuse.sshfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.lstrip())
    assert file_system_of(type(tmp_path)(folder), mounts) == kind
    assert file_system_of(type(tmp_path)(folder), tmp_path / "missing") is None


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs", "virtiofs"])
def test_a_network_file_system_is_a_problem(database: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.environment_checks.file_system_of", lambda _: kind)
    (found,) = [check for check in examine(database) if check.name == "file system"]
    assert found.state == "problem"
    assert kind in found.found


@pytest.mark.parametrize(("free", "state"), [(1_000_000, "problem"), (100_000_000, "warning"), (10**12, "ok")])
def test_a_disk_that_is_nearly_full_is_told_in_time(
    database: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    usage = shutil.disk_usage(database.parent)._replace(free=free)
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.environment_checks.shutil.disk_usage", lambda _: usage)
    (found,) = [check for check in examine(database) if check.name == "space"]
    assert found.state == state
