"""What the tests of imports and exports share: folders of files, and real git repositories with fixed dates."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution
from notewell_store.files.importing import import_folder, import_git
from notewell_store.files.readers import opened, reader_of
from notewell_store.files.summary import ImportOptions, Summary

if TYPE_CHECKING:
    from notewell_store import Store


class Files:
    """A folder that a test fills."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str | bytes) -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def delete(self, path: str) -> None:
        (self.path / path).unlink()

    def move(self, old: str, new: str) -> None:
        target = self.path / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.path / old).rename(target)

    def into(self, store: Store, by: Attribution | None = None, **options: Any) -> Summary:
        return import_folder(store, self.path, ImportOptions(**options), by)

    def reader(self, name: str | None = None, path: str = "") -> str:
        """Who reads the files, or one of them."""
        with opened(self.path / path) as source:
            return reader_of(source, name).name

    def only(self, path: str, store: Store, **options: Any) -> Summary:
        """Import one of the files."""
        return import_folder(store, self.path / path, ImportOptions(**options))


class Repo(Files):
    """A git repository; the n-th commit is made on the n-th day of 2025."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.commits = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, author: str = "Ann") -> str:
        when = f"{1_735_689_600 + 86_400 * self.commits} +0000"
        who = {
            f"GIT_{role}_{fact}": value
            for role in ("AUTHOR", "COMMITTER")
            for fact, value in {"NAME": author, "EMAIL": "x@example.org", "DATE": when}.items()
        }
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **who, **alone},
        )
        return done.stdout.strip()

    def said(self, *arguments: str, given: str) -> str:
        """What git answers to what is given to it."""
        who = {f"GIT_{role}_{fact}": "x" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            check=True,
            capture_output=True,
            text=True,
            input=given,
            env={**os.environ, **who},
        )
        return done.stdout.strip()

    def read(self, ref: str, path: str) -> str:
        show = ["git", "show", f"{ref}:{path}"]
        return subprocess.run(show, cwd=self.path, check=True, capture_output=True).stdout.decode()

    def commit(self, subject: str = "change", author: str = "Ann") -> str:
        """Commit everything as it stands; the answer is the commit."""
        self.commits += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, author=author)
        return self.git("rev-parse", "HEAD")

    def page(self, path: str, text: str | bytes, subject: str = "change") -> str:
        self.write(path, text)
        return self.commit(subject)

    def merge(self, branch: str, subject: str = "merge") -> str:
        """Merge without committing what git cannot settle: the test writes the result, then commits."""
        self.commits += 1
        self.git("merge", "--quiet", "--no-ff", "-m", subject, branch)
        return self.git("rev-parse", "HEAD")

    def into(self, store: Store, by: Attribution | None = None, **options: Any) -> Summary:
        return import_git(store, self.path, ImportOptions(**options))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "docs")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")
