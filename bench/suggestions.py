"""How often suggestions are right, on a store of your own: what its writers linked and labelled is taken away, and
looked for again.

    python bench/suggestions.py STORE [--notes 300] [--seed 1]

What counts as right is what the writers did, and many a mention that nobody linked would be a good link: figures are
lower bounds. The store is read, and not written.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from time import process_time
from typing import NamedTuple

from notewell_store import open_store
from notewell_store.contract import Snapshot
from notewell_store.markdown.words import likeness_of
from notewell_store.models import Filter, Note
from notewell_store.resolution import fold
from notewell_store.suggesting.copies import copies
from notewell_store.suggesting.linking import linkable
from notewell_store.suggesting.mentions import SURE, Text, mentions
from notewell_store.suggesting.neighbours import Found, Sought, found
from notewell_store.suggesting.telling_words import AT_LEISURE, AT_ONCE, Reach
from notewell_store.suggesting.votes import proposed
from notewell_store.tables import near_notes, notes
from notewell_store.tables.listing import list_notes
from notewell_store.tables.revisions import load_at

LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)|\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
OLDER = 0.2, 0.8
"""How much of its words an older text has in common with that of today, to be sent as a new note."""
SHORTEST_OLDER = 400  # characters


class Whole(NamedTuple):
    """A note, what it links to, and what links to it."""

    note: Note
    out: frozenset[int]
    into: frozenset[int]


def unlinked(markdown: str, which: Callable[[re.Match[str]], bool] = lambda link: True) -> str:
    """The text with the words of its links in the place of these."""
    return LINK.sub(lambda link: (link[1] or link[2] or "") if which(link) else link[0], markdown)


def all_notes(db: Snapshot) -> list[Whole]:
    ids, cursor = [], None
    while True:
        part = list_notes(db, Filter(), "created", 200, cursor)
        ids += [one.id for one in part.items if one.note_type != "folder"]
        cursor = part.next_cursor
        if cursor is None:
            break
    out: dict[int, set[int]] = {note_id: set() for note_id in ids}
    into: dict[int, set[int]] = {note_id: set() for note_id in ids}
    for led in near_notes.led_by(db, ids):
        out[led.source].add(led.target)
        into.setdefault(led.target, set()).add(led.source)
    return [Whole(notes.load(db, note_id), frozenset(out[note_id]), frozenset(into[note_id])) for note_id in ids]


def sought(one: Whole, markdown: str) -> Sought:
    return Sought(one.note.metadata.title, markdown, one.note.metadata.project, one.note.id)


def ranked(db: Snapshot, one: Whole, markdown: str, reach: Reach, most: int) -> list[int]:
    """What the note may link to, by all signals."""
    text = sought(one, markdown)
    near = found(db, text, reach)
    called = mentions(db, Text(markdown[: reach.characters]), text, near.passages, frozenset(), least=1)
    best = linkable(db, near.neighbours, called, text.project, frozenset({one.note.id}), most)
    return [each.facts.id for each in best]


def of_mentions(db: Snapshot, every: Sequence[Whole], reach: Reach) -> str:
    told = right = either = linked = 0
    for one in every:
        text = unlinked(one.note.markdown)
        near = found(db, sought(one, text), reach)
        called = mentions(db, Text(text[: reach.characters]), sought(one, text), near.passages, frozenset(), SURE)
        told += len(called)
        right += sum(each.note_id in one.out for each in called)
        either += sum(each.note_id in one.out | one.into for each in called)
        linked += len(one.out)
    share = f"{right / (told or 1):.3f} are links, {either / (told or 1):.3f} in either direction"
    return f"{told} told, {share}; {right / (linked or 1):.3f} of all {linked} links"


def of_new_notes(db: Snapshot, some: Sequence[Whole], reach: Reach) -> str:
    """Notes without their links: are what is told first, and the first three and five, what they linked to? A note of
    one link can be right in one of three at most."""
    first, three, five, recall, either = [], [], [], [], []
    most = [mean(min(places, len(one.out)) / places for one in some) for places in (3, 5)]
    for one in some:
        best = ranked(db, one, unlinked(one.note.markdown), reach, 5)
        hits = [note_id in one.out for note_id in best]
        first.append(hits[:1] == [True])
        three.append(sum(hits[:3]) / 3)
        five.append(sum(hits) / 5)
        recall.append(sum(hits) / len(one.out))
        either.append(bool(best) and best[0] in one.out | one.into)
    figures = (mean(first), mean(three), most[0], mean(five), most[1], mean(recall), mean(either))
    words = (
        "precision of the first {:.3f}, of three {:.3f} (at most {:.3f}), of five {:.3f} (at most {:.3f}); "
        "recall@5 {:.3f}; first either way {:.3f}"
    )
    return words.format(*figures)


def of_nearest(db: Snapshot, some: Sequence[Whole], reach: Reach) -> str:
    """The same of the nearest by words alone."""
    first, either = [], []
    for one in some:
        near = found(db, sought(one, unlinked(one.note.markdown)), reach).neighbours
        best = near[0].facts.id if near else 0
        first.append(best in one.out)
        either.append(best in one.out | one.into)
    return f"{mean(first):.3f} linked, {mean(either):.3f} either way"


def of_hidden_links(db: Snapshot, some: Sequence[Whole], dice: random.Random) -> str:
    """One link taken away, its words left: the place at which it is suggested."""
    places = []
    for one in some:
        hidden = dice.choice(sorted(one.out))
        names = {led.name for led in near_notes.led_by(db, [one.note.id]) if led.target == hidden and led.name}

        def is_hidden(link: re.Match[str], names: set[str] = names) -> bool:
            return any(name in link[0] for name in names)

        text = unlinked(one.note.markdown, is_hidden)
        best = [each for each in ranked(db, one, text, AT_LEISURE, 60) if each not in one.out - {hidden}]
        places.append(best.index(hidden) + 1 if hidden in best else 1_000)
    return ", ".join(f"@{most} {mean(place <= most for place in places):.3f}" for most in (1, 3, 5, 10))


def of_fields(db: Snapshot, some: Sequence[Whole]) -> str:
    said: dict[str, list[bool]] = {"note_type": [], "project": [], "tags": [], "parent": []}
    asked = dict.fromkeys(said, 0)
    for one in some:
        kept = one.note.metadata
        empty = replace(kept, note_type=None, project=None, tags=(), parent=None)
        near = found(db, Sought(kept.title, unlinked(one.note.markdown), None, one.note.id), AT_ONCE).neighbours
        had = {"note_type": [kept.note_type], "project": [kept.project], "tags": kept.tags, "parent": [kept.parent]}
        for name, values in had.items():
            asked[name] += any(values)
        for each in proposed(near, empty):
            if any(had[each.field]):
                said[each.field].append(each.value in had[each.field])
    return "; ".join(
        f"{name} {sum(right)} of {len(right)}{f' ({mean(right):.3f})' if right else ''} in {asked[name]}"
        for name, right in said.items()
    )


def older_texts(db: Snapshot, every: Iterable[Whole], most: int) -> list[tuple[Whole, Note, float]]:
    """Notes with a text that they had, the oldest that is much like that of today and not the same."""
    older = []
    for one in every:
        today = likeness_of(one.note.markdown)
        for revision in range(1, one.note.revision):
            then = load_at(db, one.note.id, one.note.metadata.slug, revision)
            words = likeness_of(then.markdown)
            share = len(words & today) / (len(words | today) or 1)
            if len(then.markdown) >= SHORTEST_OLDER and OLDER[0] <= share <= OLDER[1]:
                older.append((one, then, share))
                break
        if len(older) == most:
            break
    return older


def of_older_texts(db: Snapshot, older: Sequence[tuple[Whole, Note, float]]) -> str:
    """Older texts sent as new notes: is the note of today what is told, copies before the nearest?"""
    first, two, copied, titles = [], [], [], []
    for one, then, _ in older:
        text = Sought(then.metadata.title, then.markdown, then.metadata.project)
        near = found(db, text, AT_ONCE)
        alike = [copy.note_id for copy in copies(db, text, near)]
        told = list(dict.fromkeys([*alike, *(each.facts.id for each in near.neighbours)]))
        first.append(told[:1] == [one.note.id])
        two.append(one.note.id in told[:2])
        copied.append(one.note.id in alike)
        titles.append(fold(then.metadata.title) == fold(one.note.metadata.title))
    overlap = median(share for *_, share in older)
    return (
        f"{len(older)} (median overlap {overlap:.2f}): told first {mean(first):.3f}, among the two "
        f"{mean(two):.3f}, copy? {mean(copied):.3f}, of equal title {mean(titles):.3f}"
    )


def of_copies(db: Snapshot, some: Sequence[Whole]) -> str:
    """Of notes as they stand: how many are told to be copies of another."""
    by_text = by_title = 0
    for one in some:
        text = sought(one, one.note.markdown)
        told = copies(db, text, found(db, text, AT_ONCE))
        by_text += any(copy.share is not None for copy in told)
        by_title += any(copy.share is None for copy in told)
    return f"{by_text / len(some):.3f} by a passage, {by_title / len(some):.3f} by the title alone"


def of_time(db: Snapshot, some: Sequence[Whole], reach: Reach) -> str:
    spent = []
    for one in some:
        begun = process_time()
        near: Found = found(db, sought(one, one.note.markdown), reach)
        copies(db, sought(one, one.note.markdown), near)
        text = Text(one.note.markdown[: reach.characters])
        mentions(db, text, sought(one, one.note.markdown), near.passages, frozenset())
        spent.append(1000 * (process_time() - begun))
    return f"median {median(spent):.1f} ms, p95 {sorted(spent)[int(0.95 * len(spent))]:.1f} ms of processor time"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--notes", type=int, default=300, help="how many are tried")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    dice = random.Random(wanted.seed)
    store = open_store(wanted.store, create=False)
    with store.reading() as db:
        every = all_notes(db)
        linking = [one for one in every if one.out]
        some = dice.sample(linking, min(wanted.notes, len(linking)))
        two = [one for one in some if len(one.out) > 1]
        tried = dice.sample(every, min(wanted.notes, len(every)))
        print(f"{len(every)} notes, {sum(len(one.out) for one in every)} links; {len(some)} tried")
        for name, reach in (("at once", AT_ONCE), ("at leisure", AT_LEISURE)):
            print(f"mentions, {name}: {of_mentions(db, every, reach)}")
            print(f"new notes without links, {name}: {of_new_notes(db, some, reach)}")
            print(f"of them those that had two links and more, {name}: {of_new_notes(db, two, reach)}")
            print(f"nearest by words, {name}: {of_nearest(db, some, reach)}")
            print(f"time, {name}: {of_time(db, tried, reach)}")
        print(f"one link hidden: {of_hidden_links(db, some, dice)}")
        print(f"fields, where sure: {of_fields(db, tried)}")
        print(f"copies among notes as they stand: {of_copies(db, tried)}")
        older = older_texts(db, every, wanted.notes)
        if older:
            print(f"older texts of the same notes: {of_older_texts(db, older)}")
    store.close()


if __name__ == "__main__":
    main()
