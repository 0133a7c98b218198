"""The history of a repository as steps of an import: which commits are new, and what each did to the files."""

import shlex
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid, NextArgument
from notewell_store.files.commits import REGULAR, Commit
from notewell_store.files.contents import LARGEST_FILE, TOO_LARGE, Content, Refused
from notewell_store.files.folder import Listing, Marker
from notewell_store.files.git import MOST_REQUESTED, TO_FETCH, Blobs, Repository
from notewell_store.files.import_run import Run
from notewell_store.files.intake import Step
from notewell_store.files.lineage import Event, Lineage, differences
from notewell_store.files.readers import file_reader_of
from notewell_store.files.readers.reader import FileReader
from notewell_store.files.remotes import Remote, attribution
from notewell_store.files.sources import Leg
from notewell_store.files.summary import Summary
from notewell_store.models import Attribution
from notewell_store.names import is_readable
from notewell_store.tables.sources import source_named, sources_named

MISSING = "missing from the repository"
SUBMODULE = "160000"  # the mode of an entry of a tree


def source_name(db: Snapshot, repository: Repository, tip: str, project: str | None) -> str:
    """What the repository is called among the sources: by its first commit, and by its project where it has one.

    Raises Invalid when it was imported for several projects and none is named.
    """
    plain = f"git:{repository.root(tip)}"
    known = sources_named(db, plain) or _shallower(db, repository, tip, project)
    wanted = plain if project is None else f"{plain}:{project}"
    if wanted in known or not known:
        return wanted
    if project is not None:
        return next((name for name in known if name.endswith(f":{project}")), plain if plain in known else wanted)
    if len(known) > 1:
        projects = ", ".join(name.rpartition(":")[2] for name in known)
        several = "this repository was imported for several projects: send "
        raise Invalid((several, NextArgument("project"), f", one of {projects}"), "project")
    return known[0]


def _shallower(db: Snapshot, repository: Repository, tip: str, project: str | None) -> list[str]:
    """The sources that are this repository, one of the two with a history that was cut off: what is the first commit of
    the one is none in the other. Such a clone of which nothing else is known is what its project came from."""
    every = sources_named(db, "git")
    line = repository.main_line(None, tip) if every else frozenset()
    known = [name for name in every if name.split(":")[1] in line]
    if known or not repository.is_shallow():
        return known
    tips = {name: source.tip or "" for name in every if (source := source_named(db, name))}
    reached = [name for name, last in tips.items() if repository.follows(tip, Leg.read(last).target)]
    of_project = [name for name in every if project is not None and name.endswith(f":{project}")]
    return reached or (of_project if len(of_project) == 1 else [])


class _Planned(NamedTuple):
    """An event to be read and taken; `last` when it ends its commit, after which the import stands at `mark`."""

    event: Event
    by: Attribution
    last: bool
    mark: str
    number: int
    is_newest: bool = False


class History:
    def __init__(self, repository: Repository, remote: Remote | None, run: Run, reader: str | None = None) -> None:
        """`reader` is who reads the files, where it is not to be found out by those of the newest commit."""
        self._repository = repository
        self._remote = remote
        self._run = run
        self._reader = FileReader()
        self._wanted = reader
        self._missing = 0

    def bring_to(self, tip: str) -> Summary:
        """Import what leads to this commit, so that the notes say in the end what it does."""
        run, commit = self._run, self._repository.commit(tip)
        run.by = attribution(commit, self._remote)
        self._reader = file_reader_of(CommittedFiles(self._repository, tip), self._wanted)
        files = self._files(tip, told=True)
        legs, last = self._legs(tip)
        commits = [self._repository.count(leg.base, leg.target) for leg in legs]
        run.expect(sum(commits), len(files) if run.tip is None else min(len(files), 2 * sum(commits)))
        for number, leg in enumerate(legs):
            run.take(self._read(self._planned(leg, sum(commits[:number]))))
            with run.transaction(leg.target):
                pass
        if last is not None and last != tip:
            run.take(self._read(self._jump(last, commit)))
        left = differences(run.ledger.marks(), {path: run.rules.mark(path, blob) for path, blob in files.items()})
        blobs = [event._replace(blob=files[event.path] if event.blob else None) for event in left]
        run.take(self._read(self._together(blobs, run.by)))
        if self._missing:
            run.tally.warn(
                f"texts that the repository lacks: {self._missing:,}. {TO_FETCH} brings them; then import again"
            )
        return run.finish(tip)

    def _legs(self, tip: str) -> tuple[list[Leg], str | None]:
        """The stretches of history to take: the rest of one that was stopped, then what is new; and where they end."""
        if self._run.tip is None:
            return [Leg(None, tip)], tip
        stopped = Leg.read(self._run.tip)
        at = stopped.target
        legs = [stopped] if stopped.last is not None and self._repository.has(at) else []
        if at == tip or not self._repository.follows(tip, at):
            return legs, at
        return [*legs, Leg(at, tip)], tip

    def _jump(self, last: str, commit: Commit) -> Iterator[_Planned]:
        """What differs from a commit that the newest does not come from: its history was rewritten since."""
        self._run.tally.warn(
            f"the history was rewritten: {commit.sha[:12]} does not come from {last[:12]}, which was imported before. "
            "What differs was taken as one change"
        )
        if self._repository.has(last):
            entries = self._repository.changes(last, commit.sha)
            lineage = Lineage(self._files(last), frozenset(), self._reader.takes)
            yield from self._together(lineage.events(commit._replace(parents=(), diffs=(entries,))), self._run.by)

    def _together(self, events: list[Event], by: Attribution) -> Iterator[_Planned]:
        for number, event in enumerate(events, 1):
            yield _Planned(event, by, number == len(events), "", 0, True)

    def _planned(self, leg: Leg, before: int) -> Iterator[_Planned]:
        tree = self._files(leg.base) if leg.base else {}
        lineage = Lineage(tree, self._repository.main_line(leg.base, leg.target), self._reader.takes)
        brought_by = self._repository.merged_pulls(leg.base, leg.target) if self._remote else {}
        passed = leg.last is None
        for number, commit in enumerate(self._repository.commits(leg.base, leg.target, self._reader.takes), before + 1):
            events = lineage.events(commit)
            if passed and events:
                by = attribution(commit, self._remote, brought_by.get(commit.sha))
                mark = str(leg._replace(last=commit.sha))
                for event in events[:-1]:
                    yield _Planned(event, by, False, "", number)
                yield _Planned(events[-1], by, True, mark, number)
            passed = passed or commit.sha == leg.last

    def _files(self, commit: str, *, told: bool = False) -> dict[str, str]:
        """The Markdown files of a commit with their blobs. What is named so and is none is told to the tally."""
        files: dict[str, str] = {}
        for path, mode, blob in self._repository.tree(commit):
            if self._reader.takes(path) and mode in REGULAR:
                files[path] = blob
            elif mode == SUBMODULE and told:
                self._run.tally.warn(_of_submodule(path))
            elif self._reader.takes(path) and told:
                self._run.tally.skip(path, "a symbolic link" if mode == "120000" else "no regular file")
            elif told:
                self._run.tally.pass_over(path)
        return files

    def _read(self, planned: Iterator[_Planned]) -> Iterator[Step]:
        with self._repository.blobs() as blobs:
            while some := list(islice(planned, MOST_REQUESTED)):
                blobs.request([plan.event.blob for plan in some if plan.event.blob is not None])
                for plan in some:
                    yield self._step(plan, blobs)

    def _step(self, plan: _Planned, blobs: Blobs) -> Step:
        event = plan.event
        content = None if event.blob is None else self._content(blobs.read(LARGEST_FILE), event.path, event.blob)
        return Step(event.path, content, plan.by, event.old, plan.last, plan.mark, plan.number, plan.is_newest)

    def _content(self, data: bytes | None, path: str, blob: str) -> Content | str:
        if data is None:
            self._missing += 1
            return MISSING
        if not is_readable(path):
            return "its path is not printable UTF-8"
        try:
            return self._reader.content(data, path, blob)
        except Refused as refused:
            return str(refused)


def _of_submodule(path: str) -> str:
    named = shlex.quote(path.encode("utf-8", "replace").decode())
    fetch_it = f"`git submodule update --init {named}` in this one"
    return f"{path} is a submodule, a repository of its own, and was not taken: {fetch_it}, then import {named} too"


class CommittedFiles:
    """The files of a commit."""

    kind = "commit"
    marker = Marker()

    def __init__(self, repository: Repository, commit: str) -> None:
        self.location = repository.path
        self._repository = repository
        self._blobs = {path: blob for path, mode, blob in repository.tree(commit) if mode in REGULAR}

    @property
    def listing(self) -> Listing:
        return Listing(tuple(path for path in self._blobs if not f"/{path}".count("/.")))

    def holds(self, path: str) -> bool:
        return path in self._blobs or any(each.startswith(f"{path}/") for each in self._blobs)

    def data(self, path: str, most: int = LARGEST_FILE) -> bytes:
        with self._repository.blobs() as blobs:
            blobs.request([self._blobs[path]])
            data = blobs.read(most)
        if data is None:
            raise Refused(MISSING)
        if len(data) > most:
            raise Refused(TOO_LARGE)
        return data

    def time(self, path: str) -> str | None:
        return None
