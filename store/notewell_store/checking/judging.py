"""What becomes of each mention in a text: a reference with its state, or no reference at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from notewell_store.checking import keys
from notewell_store.checking.anchors import Anchors
from notewell_store.checking.checked import Checked
from notewell_store.checking.likeness import is_numbered, meant
from notewell_store.contract import Snapshot
from notewell_store.markdown.links import BodyLink
from notewell_store.markdown.mentions import Form, Mention
from notewell_store.nearest import closest
from notewell_store.resolution import NOBODY, Asker, Meant, Way
from notewell_store.tables import bearers
from notewell_store.tables.accounts import find_commit, find_pull, is_recorded_repository
from notewell_store.tables.names import Known, find_begun, find_names, known_by_id
from notewell_store.tables.project_rows import project_id
from notewell_store.tables.text_links import asked_by

if TYPE_CHECKING:
    from notewell_store.checking.markdown_files import MarkdownFile, MarkdownFiles


MAY_BE_ANY = "may be any of the nearest"


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
        self.anchors = Anchors(db)
        self._keys: dict[str, tuple[Checked | None, int]] = {}

    @property
    def keys_looked_up(self) -> int:
        return len(self._keys)

    def judge(self, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Checked]]:
        """The references among these mentions, in their order, without lines and nearest names."""
        names = find_names(self._db, {mention.name for mention in mentions if mention.form is Form.NAME})
        numbered = {m.name for m in mentions if m.form is Form.NAME and not m.is_link and is_numbered(m)} - names.keys()
        begun = find_begun(self._db, numbered, self.project) if numbered else {}
        words = [m for m in mentions if m.form is Form.NAME and not m.is_link]
        unknown = (m for m in words if m.name not in names or names[m.name].deleted or self._is_foreign(names[m.name]))
        wanted = meant(self._db, unknown, self.project)
        led = self._led(mentions)
        asked = {mention.name for mention in mentions if mention.form is Form.KEY}
        spaces = keys.used_namespaces(self._db, asked, self.project)
        for mention in mentions:
            checked = self._here(mention)
            if checked is None and mention.link is not None:
                checked = self._link(mention, mention.link, led)
            elif checked is None:
                match mention.form:
                    case Form.NAME if mention.name in begun:
                        known = begun[mention.name]
                        checked = replace(self._state(mention, known), remark=f"is written {known.slug}")
                    case Form.NAME:
                        checked = self._name(mention, names.get(mention.name), mention.name in wanted)
                    case Form.KEY:
                        checked = self._key(mention, spaces)
                    case _:
                        checked = self._change(mention)
            if checked is not None:
                yield mention, checked

    def _led(self, mentions: Sequence[Mention]) -> dict[BodyLink, tuple[Meant, list[Known]]]:
        """What the store knows of the links: what each means, and the notes that it may mean."""
        asked = {m.link: one for m in mentions if m.link and (one := asked_by(m.link, self._asker))}
        to = bearers.meant(self._db, self._asker, asked.values())
        known = known_by_id(self._db, {note for one in to.values() for note in _notes(one)})
        return {link: (to[one], [known[note] for note in _notes(to[one])]) for link, one in asked.items()}

    @cached_property
    def _asker(self) -> Asker:
        if self._note_id is not None:
            return bearers.asker_of(self._db, self._note_id)
        return Asker(project=project_id(self._db, self.project)) if self.project is not None else NOBODY

    def _here(self, mention: Mention) -> Checked | None:
        """What the files that are checked know of it."""
        if self._files is None or self._file is None or mention.form not in (Form.NAME, Form.PATH):
            return None
        if mention.revision is not None or not (mention.link or "-" in mention.name):
            return None
        found = self._files.meant(self._file, mention.link) if mention.link else [self._files.named(mention.name)]
        if len(found) > 1:
            slugs = tuple(sorted(file.slug for file in found if file))
            return Checked(mention.ref, "note", "ambiguous", nearest=slugs, remark=MAY_BE_ANY)
        return self._in_file(mention, found[0]) if found and found[0] else None

    @staticmethod
    def _in_file(mention: Mention, file: "MarkdownFile") -> Checked:
        checked = Checked(mention.ref, "note", "exact", slug=file.slug, title=file.title)
        if mention.anchor is None or mention.anchor.lower() in file.anchors:
            return checked
        near = closest(mention.anchor.lower(), file.anchors)
        return replace(checked, state="missing-section", nearest=tuple(f"{file.slug}#{anchor}" for anchor in near))

    def _link(
        self, mention: Mention, link: BodyLink, led: Mapping[BodyLink, tuple[Meant, list[Known]]]
    ) -> Checked | None:
        """A link that no file here is meant by. What may as well be a file that is no page is only one to a note."""
        if link not in led:
            return None
        to, notes = led[link]
        if to.several:
            slugs = tuple(sorted(known.slug for known in notes))
            return Checked(mention.ref, "note", "ambiguous", nearest=slugs, remark=MAY_BE_ANY)
        if notes:
            return self._state(mention, notes[0]._replace(is_alias=to.way is Way.ALIAS))
        return Checked(mention.ref, "note", "missing") if self._is_judged(link) else None

    def _is_judged(self, link: BodyLink) -> bool:
        """Whether the link must lead to a note."""
        if self._files is not None and self._file is not None:
            return link.form == "name" or not self._files.is_outside_or_there(self._file, link.name)
        if link.form in ("path", "file") and self._note_id is None:
            return False
        return link.form != "file" and not (link.form == "bare" and self._asker.source is not None)

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
        if mention.anchor and not self.anchors.has(known.id, mention.revision, mention.anchor):
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


def _notes(to: Meant) -> tuple[int, ...]:
    return to.several or (() if to.note is None else (to.note,))
