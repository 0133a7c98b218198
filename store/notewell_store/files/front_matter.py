"""Front matter: what a Markdown file says of its note, in YAML, TOML or JSON. What is written is YAML."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

from notewell_store.errors import StoreError
from notewell_store.files.front_blocks import Unread, read, read_singly
from notewell_store.files.front_times import told_of, untold
from notewell_store.files.plain_yaml import Entry, Value, without
from notewell_store.markdown.front_matter import BLOCK, begins_with_key, front_block
from notewell_store.markdown.slugs import is_slug, loses_letters, slugify
from notewell_store.models import OF_TEXT, ExplicitLink
from notewell_store.names import readable
from notewell_store.tables.labels import status_text, tag_word, type_word
from notewell_store.writing.fields import NONE

LARGEST_BLOCK = 262_144  # characters

NOTE_NONE = "[[none]]"
"""The parent that is a note called `none`: without brackets the word says that there is no parent."""

_PAGE = re.compile(r"[^\x00-\x1f]+\.(?:md|markdown|mdx)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9/_]*(?:[ .-]+[A-Za-z0-9/_]+)*")
_SAYING_MORE = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})  # to other programs


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says of its note; None is what it does not say. `parent` may be `none`, NOTE_NONE, or the path of a
    file."""

    title: str | None = None
    slug: str | None = None
    note_type: str | None = None
    status: str | None = None
    tags: tuple[str, ...] | None = None
    project: str | None = None
    parent: str | None = None
    position: int | None = None
    is_public: bool | None = None
    aliases: tuple[str, ...] | None = None
    links: tuple[ExplicitLink, ...] | None = None
    created: str | None = None
    updated: str | None = None
    author: str | None = None


NOTHING: Final = FrontMatter()


class Split(NamedTuple):
    """`unread` says of what the front matter says and cannot be taken where it stands, and why; `untold` of times."""

    front: FrontMatter
    body: str
    unread: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


class _Taken(NamedTuple):
    """What an entry gives, and the words in it that are no such thing."""

    name: str
    value: Any
    left: tuple[str, ...] = ()


def split(text: str) -> tuple[FrontMatter, str]:
    """The known metadata of a text, and its body. Any text can be split; one without front matter is all body.

    A block of known keys only is taken off the body. Where it says more (other keys, values that a note cannot
    have), it stays in the body byte for byte; of YAML, less the lines that were understood. One value that cannot be
    read costs no other. What is no mapping stays as it is. Times and author are read, and stay where they are.
    """
    return split_telling(text)[:2]


def split_telling(text: str) -> Split:
    """`split`, and what could not be taken, by line."""
    block = front_block(text)
    language = str(block.lastgroup) if block else ""
    entries, unread = _read(block, language) if block and len(block[language]) <= LARGEST_BLOCK else ([], [])
    if not block or not (entries or unread):
        return Split(NOTHING, text)
    faulty = {line for line, _ in unread} - {entry.first for entry in entries}
    taken = [(entry, _taken(entry, unread)) for entry in entries]
    told = told_of(entries)
    given = told | _given(found for _, found in taken if found)
    understood = [entry for entry, found in taken if found and not found.left]
    body = _less(text, block, understood, is_all=len(understood) == len(entries) and not faulty)
    return Split(FrontMatter(**given), body, _placed(unread), _placed(untold(entries, told)))


def _placed(unread: Iterable[Unread]) -> tuple[str, ...]:
    return tuple(f"line {line + 2}: {words}" for line, words in sorted(unread))


def _given(taken: Iterable[_Taken]) -> dict[str, Any]:
    """The values by their names; of a list that stands under two keys both."""
    given: dict[str, Any] = {}
    for found in taken:
        is_more = isinstance(found.value, tuple) and given.get(found.name)
        given[found.name] = tuple(sorted({*given[found.name], *found.value})) if is_more else found.value
    return given


def _read(block: re.Match[str], language: str) -> tuple[list[Entry], list[Unread]]:
    entries = read(block[language], language)
    return read_singly(block[language], language) if not entries and begins_with_key(block) else (entries, [])


def _less(text: str, block: re.Match[str], understood: list[Entry], *, is_all: bool) -> str:
    """The text less what was understood of its front matter."""
    if is_all:
        return text[block.end() :]
    if block.lastgroup != "yaml":
        return text
    start, end = block.span("yaml")
    return text[:start] + without(block["yaml"], understood) + text[end:]


def join(front: FrontMatter, body: str) -> str:
    """A text that splits into just this metadata and body. The metadata must say something.

    It is written into the body's own block where there is one that can take it, else into one of its own.
    """
    given = replace(front, **{f.name: None for f in fields(front) if getattr(front, f.name) == ()})
    lines = _written(given)
    merged = _merged(lines, body)
    if merged is not None and _says(merged) == (_less_told(given), body):
        return merged
    newline = "\r\n" if "\r\n" in body[:1000] else "\n"
    return newline.join(["---", *lines, "---", body])


def _says(text: str) -> tuple[FrontMatter, str] | None:
    """None where the block would be faulty."""
    front, body, unread, _ = split_telling(text)
    return None if unread else (_less_told(front), body)


def _less_told(front: FrontMatter) -> FrontMatter:
    return replace(front, created=None, updated=None, author=None)


def _taken(entry: Entry, unread: list[Unread]) -> _Taken | None:
    """What the entry gives, or None for what is to stay in the body. What is unread is added to `unread`."""
    known = _KNOWN.get(_PLURAL.get(entry.key, entry.key))
    if known is None:
        return None
    name, taken_from = known
    try:
        if entry.value is None:
            raise ValueError(entry.key)
        value = None if entry.value[0] is None else taken_from(entry.value[0])
    except (StoreError, ValueError, KeyError):
        unread.append(Unread(entry.first, _refused(entry)))
        return None
    found, left = value if isinstance(value, _Items) else (value, ())
    unread.extend(Unread(entry.first, f"{entry.key}: {word!r} is none that a note can have") for word in left)
    if entry.is_partial:
        unread.append(Unread(entry.first, f"{entry.key}: some of the list is no word"))
        left = (*left, entry.key)
    return _Taken(name, found, left) if found != () or not left else None


def _refused(entry: Entry) -> str:
    if entry.value and isinstance(entry.value[0], str):
        return f"{entry.key}: {entry.value[0][:80]!r} is none that a note can have"
    return f"{entry.key}: not in a form that is read"


class _Items(NamedTuple):
    """Those of a list that were read, and those that were not."""

    found: tuple[Any, ...]
    left: tuple[str, ...]


def _items(words: tuple[str, ...], read: Callable[[str], Any], key: Callable[[Any], Any] = str) -> _Items:
    found, left = set(), []
    for word in words:
        try:
            found.add(read(word))
        except (StoreError, ValueError):
            left.append(word[:80])
    return _Items(tuple(sorted(found, key=key)), tuple(left))


def _only_word(value: Value) -> str:
    """Also that of a list: editors keep lists where a note has one type and one status."""
    return _word(value[0] if isinstance(value, tuple) and len(value) == 1 else value)


def _word(value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value.strip()


def _words(value: Value) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value or ()
    return tuple(stripped for item in items if (stripped := item.strip()))


def _title(value: Value) -> str:
    """One that is too long is cut where it becomes a note's, which is said there."""
    title = readable(_word(value))
    if title is None:
        raise ValueError(value)
    return title


def _slug(value: Value) -> str:
    slug = _word(value)
    if not is_slug(slug):
        raise ValueError(slug)
    return slug


def _type(value: Value) -> str | None:
    word = type_word(_only_word(value))
    return None if word == NONE else word


def _status(value: Value) -> str | None:
    status = status_text(_only_word(value))
    return None if status.lower() == NONE else status


def _project(value: Value) -> str | None:
    slug = _slug(slugify(_word(value)))
    return None if slug == NONE else slug


def _parent(value: Value) -> str:
    name = _word(value).removeprefix("[[").removesuffix("]]").strip()
    if name.lower() == NONE != _word(value).lower():
        return NOTE_NONE
    return name if _PAGE.fullmatch(name) else _slug(name.lower())


def _position(value: Value) -> int:
    word = _word(value)
    if not re.fullmatch(r"-?[0-9]{1,15}", word):
        raise ValueError(word)
    return int(word)


def _public(value: Value) -> bool:
    return {"true": True, "yes": True, "false": False, "no": False}[_word(value).lower()]


def _links(value: Value) -> _Items:
    if not isinstance(value, tuple):
        raise ValueError(value)
    return _items(value, _link, lambda link: (link.relation, link.target))


def aliases_among(words: Iterable[str]) -> tuple[str, ...]:
    """The words that can be further names, as they are kept."""
    return tuple(_items(tuple(words), _alias).found)


def _alias(word: str) -> str:
    """The slug of a name; where that would say less and stand for others as well, the name as it is written."""
    if loses_letters(word) or word.isdigit():
        return _title(word)
    return _slug(word if is_slug(word) else slugify(word))


def _link(text: str) -> ExplicitLink:
    relation, _, target = text.strip().partition(" ")
    name, _, anchor = target.strip().partition("#")
    word, slug = tag_word(relation, "relation"), _slug(name.lower())
    if word in OF_TEXT:
        raise ValueError(text)
    return ExplicitLink(word, f"{slug}#{anchor}" if anchor else slug)


_KNOWN: Mapping[str, tuple[str, Callable[[Value], Any]]] = {
    "title": ("title", _title),
    "slug": ("slug", _slug),
    "type": ("note_type", _type),
    "status": ("status", _status),
    "tags": ("tags", lambda value: _items(_words(value), tag_word)),
    "project": ("project", _project),
    "parent": ("parent", _parent),
    "position": ("position", _position),
    "public": ("is_public", _public),
    "aliases": ("aliases", lambda value: _items(_words(value), _alias)),
    "links": ("links", _links),
}


_PLURAL: Mapping[str, str] = {"alias": "aliases", "tag": "tags"}
"""Keys that other programs know in the singular."""


def _merged(lines: list[str], body: str) -> str | None:
    block = BLOCK.match(body)
    if block is None:
        return None
    newline = block["newline"]
    return body[: block.end("opening")] + "".join(line + newline for line in lines) + body[block.start("yaml") :]


def _written(front: FrontMatter) -> list[str]:
    """The lines of a block, in a fixed order."""
    values = {key: getattr(front, name) for key, (name, _) in _KNOWN.items()}
    return [f"{key}: {_shown(value)}" for key, value in values.items() if value is not None]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    if isinstance(value, ExplicitLink):
        return _scalar(f"{value.relation} {value.target}")
    return str(value) if isinstance(value, int) else _scalar(str(value))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _SAYING_MORE:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08x}"
