"""What becomes of each mention in a text: a reference with its state, or no reference at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from notewell_store.checking import keys
from notewell_store.checking.anchors import Anchors
from notewell_store.checking.checked import Checked
from notewell_store.checking.likeness import meant
from notewell_store.contract import Snapshot
from notewell_store.markdown.mentions import Form, Mention
from notewell_store.names import meant_paths, slug_of_path
from notewell_store.tables.accounts import find_commit, find_pull, is_recorded_repository
from notewell_store.tables.names import Known, find_names, known_by_id
from notewell_store.tables.nearest import closest
from notewell_store.tables.origins import (
    first_note_from,
    is_foreign,
    note_at_path,
    path_of_note,
    resolve_path,
)

if TYPE_CHECKING:
    from notewell_store.checking.markdown_files import MarkdownFile, MarkdownFiles


class Judge:
    """Judges the mentions of one text. It may be that of a stored note, whose paths start at where it came from, or
    of a file among others, which it may name. What is said of a text of a `project` comes from notes of that project
    and of none; a note of another that it names is named as such."""

    def __init__(
        self,
        db: Snapshot,
        note_id: int | None = None,
        file: "MarkdownFile | None" = None,
        files: "MarkdownFiles | None" = None,
        project: str | None = None,
    ) -> None:
        self._db = db
        self.project = project
        self._note_id = note_id
        self._file = file
        self._files = files
        self._anchors = Anchors(db)
        self._keys: dict[str, tuple[Checked | None, int]] = {}

    @property
    def keys_looked_up(self) -> int:
        return len(self._keys)

    def judge(self, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Checked]]:
        """The references among these mentions, in their order, without lines and nearest names."""
        names = find_names(self._db, {mention.name for mention in mentions if mention.form is Form.NAME})
        words = [m for m in mentions if m.form is Form.NAME and not m.is_link]
        unknown = (m for m in words if m.name not in names or names[m.name].deleted or self._is_foreign(names[m.name]))
        wanted = meant(self._db, unknown, self.project)
        paths = {mention.name for mention in mentions if mention.form is Form.PATH}
        led = find_paths(self._db, paths, self._note_id, self.project)
        asked = {mention.name for mention in mentions if mention.form is Form.KEY}
        spaces = keys.used_namespaces(self._db, asked, self.project)
        for mention in mentions:
            checked = self._here(mention)
            if checked is None:
                match mention.form:
                    case Form.NAME:
                        checked = self._name(mention, names.get(mention.name), mention.name in wanted)
                    case Form.PATH:
                        checked = self._path(mention, led)
                    case Form.KEY:
                        checked = self._key(mention, spaces)
                    case _:
                        checked = self._change(mention)
            if checked is not None:
                yield mention, checked

    def _here(self, mention: Mention) -> Checked | None:
        """What the files that are checked know of it."""
        if self._files is None or self._file is None or mention.form not in (Form.NAME, Form.PATH):
            return None
        by_path = mention.form is Form.PATH
        file = self._files.at(self._file, mention.name) if by_path else self._files.named(mention.name)
        if file is None or not (mention.is_link or "-" in mention.name) or mention.revision is not None:
            return None
        checked = Checked(mention.ref, "note", "exact", slug=file.slug, title=file.title)
        if mention.anchor is None or mention.anchor.lower() in file.anchors:
            return checked
        near = closest(mention.anchor.lower(), file.anchors)
        return replace(checked, state="missing-section", nearest=tuple(f"{file.slug}#{anchor}" for anchor in near))

    def _name(self, mention: Mention, known: Known | None, is_meant: bool) -> Checked | None:
        if known is None:
            return Checked(mention.ref, "note", "missing") if mention.is_link or is_meant else None
        if not mention.is_link and not self._is_named(mention, known, is_meant):
            return None
        checked = self._state(mention, known)
        return None if mention.is_quiet and checked.is_problem else checked

    def _is_foreign(self, known: Known) -> bool:
        return self.project is not None and known.project not in (None, self.project)

    def _is_named(self, mention: Mention, known: Known, is_meant: bool) -> bool:
        """Whether a word that a note is called by stands for the note. A deleted note may have had an English name."""
        if "-" not in mention.name and (mention.name.isdigit() or (mention.anchor or "").isdigit()):
            return mention.is_quiet and not mention.written  # such as note://12, and not a number in prose
        if self._is_foreign(known):  # which others may have called like a word of ours
            return is_meant or (mention.is_marked and not known.deleted)
        return not known.deleted or is_meant or mention.is_marked or mention.name.count("-") > 1 or mention.is_quiet

    def _path(self, mention: Mention, led: Mapping[str, Known | None]) -> Checked | None:
        if self._files is not None and self._file is not None:
            if self._files.is_outside_or_there(self._file, mention.name):
                return None
            known = led.get(mention.name)
            return self._state(mention, known) if known else Checked(mention.ref, "note", "missing")
        if mention.name not in led:
            return None
        known = led[mention.name]
        return self._state(mention, known) if known else Checked(mention.ref, "note", "missing")

    def _state(self, mention: Mention, known: Known) -> Checked:
        checked = self._found(mention, known)
        if not self._is_foreign(known):
            return checked
        remarks = [f"of project {known.project}", *([checked.remark] if checked.remark else [])]
        return replace(checked, title=None, remark=", ".join(remarks), foreign=known.project)

    def _found(self, mention: Mention, known: Known) -> Checked:
        checked = Checked(
            mention.ref, "note", "exact", slug=known.slug, id=known.id, title=known.title, created_at=known.created_at
        )
        if mention.revision is not None and not 0 < mention.revision <= known.revision:
            there = "1" if known.revision == 1 else f"1 to {known.revision}"
            return replace(checked, state="missing", remark=f"{known.slug} has revisions {there}")
        if known.deleted and mention.revision in (None, known.revision):
            return replace(checked, state="deleted", remark=f"its text is kept: {known.slug}@{known.revision - 1}")
        if mention.anchor and not self._anchors.has(known.id, mention.revision, mention.anchor):
            return replace(checked, state="missing-section")
        if known.is_alias:
            return replace(checked, state="alias")
        is_respelt = mention.written not in ("", known.slug)
        return replace(checked, remark=f"is written {known.slug}") if is_respelt else checked

    def _key(self, mention: Mention, spaces: Mapping[str, int]) -> Checked | None:
        namespace = mention.name.partition(":")[0]
        is_ours = namespace in keys.ALWAYS or spaces.get(namespace, 0) > 0
        if not is_ours and (mention.is_quiet or not mention.is_marked):
            return None
        if mention.name not in self._keys:
            self._keys[mention.name] = self._defined(mention.name)
        found, rank = self._keys[mention.name]
        if found is not None:
            return replace(found, ref=mention.ref) if is_ours or rank <= keys.SURE else None
        is_sure = namespace in keys.ALWAYS or (mention.is_marked and spaces.get(namespace, 0) >= keys.ENOUGH)
        return Checked(mention.ref, "key", "missing") if is_sure and not mention.is_quiet else None

    def _defined(self, key: str) -> tuple[Checked | None, int]:
        """Where the key is defined, and how well."""
        file = self._files.defining(key) if self._files else None
        if file is not None:
            return Checked(key, "key", "exact", slug=file.slug, title=file.title), keys.MENTIONED
        found = keys.define(self._db, key, besides=self._note_id, project=self.project)
        if found is None:
            return None, keys.MENTIONED
        remark = "mentioned there, defined nowhere" if found.rank == keys.MENTIONED else None
        checked = Checked(key, "key", "exact", slug=found.slug, anchor=found.anchor, id=found.note_id)
        return replace(checked, title=found.title, created_at=found.created_at, remark=remark), found.rank

    def _change(self, mention: Mention) -> Checked | None:
        is_pull = mention.form is Form.PULL
        find = find_pull if is_pull else find_commit
        found = find(self._db, mention.name, self.project)
        if found is None:
            if not is_pull or mention.is_quiet or not is_recorded_repository(self._db, mention.name, self.project):
                return None
            return Checked(mention.name, "change", "missing", remark="no revision is on its account")
        remark = f"the newest of {found.revisions} revisions on its account" if found.revisions > 1 else None
        checked = Checked(mention.name, "change", "exact", slug=found.slug, revision=found.revision, id=found.note_id)
        return replace(checked, title=found.title, created_at=found.created_at, remark=remark)


def find_paths(db: Snapshot, paths: Iterable[str], note_id: int | None, project: str | None) -> dict[str, Known | None]:
    """What relative paths lead to, seen from a stored note, or from anywhere. None is a path that should lead to a
    note and does not; one that leads out of the note's source, or that nothing is known of, is left out."""
    found: dict[str, Known | None] = {}
    for path in paths:
        if note_id is None:
            target = _from_anywhere(db, path, project)
            if target is not None:
                found[path] = known_by_id(db, target)
        elif (resolved := resolve_path(path_of_note(db, note_id), path)) is not None:
            target = _from_note(db, note_id, resolved)
            found[path] = None if target is None else known_by_id(db, target)
    return found


def _from_note(db: Snapshot, note_id: int, path: str) -> int | None:
    by_path = note_at_path(db, note_id, path)
    if by_path is not None:
        return by_path
    slug = slug_of_path(path)
    known = find_names(db, [slug]).get(slug)
    return None if known is None or is_foreign(db, known.id, note_id) else known.id


def _from_anywhere(db: Snapshot, path: str, project: str | None) -> int | None:
    """The living note that was imported from this path in any source, or bears the slug that the path makes; one that
    the project heeds, where one is named."""
    clean = resolve_path(None, path) or path.lstrip("./")
    found = first_note_from(db, meant_paths(clean), project)
    if found is not None:
        return found
    slug = slug_of_path(clean)
    known = find_names(db, [slug]).get(slug)
    is_ours = known is not None and (project is None or known.project in (None, project))
    return known.id if known is not None and is_ours and not known.deleted else None
