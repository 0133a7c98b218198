"""What stands near a note that was made, as data and as at most three lines: some 45 tokens, which a model that did not
ask pays for."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from notewell_store.markdown.slugs import slugify
from notewell_store.safe_text import one_line
from notewell_store.saved import Near as StoredNear
from notewell_store.saved import Proposed as StoredProposed
from notewell_store.saved import Suggested
from notewell_tools.results import Near, Proposed, Saved, Unlinked

MOST = 180  # characters of all lines
LONGEST_TITLE = 60

FIELDS = {"note_type": "type", "project": "project", "tags": "tag", "parent": "parent"}
LIKE, MENTIONS = "others like it have ", "mentions without a link: "


class SuggestedData(TypedDict, total=False):
    """The fields of an answer that say it; those that would be empty are left out."""

    nearest: list[Near]
    proposed: list[Proposed]
    unlinked: list[Unlinked]


def suggested_data(suggested: Suggested) -> SuggestedData:
    data: SuggestedData = {}
    if suggested.near:
        data["nearest"] = list(map(_near, suggested.near))
    if suggested.proposed:
        data["proposed"] = list(map(proposed_data, suggested.proposed))
    if suggested.unlinked:
        data["unlinked"] = [{"slug": one.slug, "words": one.words} for one in suggested.unlinked]
    return data


def proposed_data(one: StoredProposed) -> Proposed:
    return {"field": one.field, "value": one.value, "agreeing": one.agreeing, "voters": one.voters}


def _near(one: StoredNear) -> Near:
    entry: Near = {"slug": one.slug, "title": one.title}
    if one.is_copy:
        entry["copy"] = True
    if one.share is not None:
        entry["share"] = one.share
    return entry


def suggested_lines(data: Saved) -> list[str]:
    """The lines that fit into MOST characters. What is nearest comes before all else, then what is sure of fields and
    mentions, then the second nearest."""
    first, *second = [*map(near_words, data.get("nearest", ())), ""][:2]
    left = MOST - len(f"nearest: {first}") if first else MOST
    fields, left = _fitting(LIKE, map(proposed_words, data.get("proposed", ())), left)
    mentions, left = _fitting(MENTIONS, (one["slug"] for one in data.get("unlinked", ())), left)
    near = "; ".join([first, *(words for words in second if words and len(words) + 2 <= left)])
    return [line for line in (near and f"nearest: {near}", fields, mentions) if line]


def near_words(one: Near) -> str:
    """A note, what it is called where its slug does not say that, and whether it looks like the same."""
    title = f" ({one_line(one['title'], LONGEST_TITLE)})"
    copy = f", copy? {share_words(one['share']) if 'share' in one else 'equal titles'}" if "copy" in one else ""
    says_more = slugify(one["title"]) not in one["slug"]
    has_room = len(f"nearest: {one['slug']}{title}{copy}") <= MOST
    return f"{one['slug']}{title if says_more and has_room else ''}{copy}"


def share_words(share: float) -> str:
    return f"{share:.2f} of a passage"


def proposed_words(one: Proposed) -> str:
    return f"{FIELDS[one['field']]} {one['value']} ({one['agreeing']} of {one['voters']})"


def _fitting(head: str, parts: Iterable[str], left: int) -> tuple[str, int]:
    """The head with as many of the parts as fit, '' with none; and how many characters are left."""
    line = ""
    for part in parts:
        longer = f"{line}, {part}" if line else f"{head}{part}"
        if len(longer) > left:
            break
        line = longer
    return line, left - len(line)
