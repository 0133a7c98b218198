"""What the options of the tools' commands are for, in words for people.

A model is told less: each word of a tool is paid for in every session, and most arguments tell by their name.
"""

from notewell_tools.arguments import Argument

WORDS = {
    "actor": "Only what this one wrote: a person, a client, a token's name.",
    "add_tags": "Tags to add, with commas.",
    "allow_missing": "Link to notes that are not there yet as well.",
    "as_of": "As it was then: a time such as 2026-11-21 or 7d, or the number of a change.",
    "confirm": "Say that what it says still holds, though nothing changes.",
    "content": "The whole Markdown; link notes by [[slug]].",
    "cursor": "Go on where a list ended: the cursor that it told.",
    "delete": "Delete the project, which may hold nothing any more.",
    "dry_run": "Show what would change, write nothing.",
    "idempotency_key": "A word of your own; sent again, the first answer comes again and nothing is written twice.",
    "if_revision": "The revision that you read; needed to replace content.",
    "include": "More of it, with commas: of a note links, children, history; of a board flow, timeline.",
    "is_public": "Whether anybody may read it over HTTP.",
    "limit": "How many at most.",
    "max_chars": "How many characters at most.",
    "name": "The project's name; makes the project, or renames it.",
    "new_slug": "Rename it; the old slug keeps working.",
    "new_text": "The text that is put in.",
    "note_type": "The type of note: sop, plan, decision, …",
    "offset": "The character to begin at.",
    "old_text": "The text that stands there.",
    "parent": "The note that it stands below; none for a note at the top.",
    "plan": "The plan; without one the active plan of the board's project.",
    "platform": "Where the project's repository is kept.",
    "position": "Its place below its parent, a number.",
    "prefix": "What the tags begin with.",
    "project": "The project's slug.",
    "reason": "Why, for the history.",
    "ref": "The note: its slug, slug#anchor for a section, slug@7 for a revision.",
    "refs": "The notes: their slugs, with commas.",
    "relation": "What the link says: relates, continues, supersedes, implements, requires-reading, blocks, …",
    "remove_tags": "Tags to take off, with commas.",
    "repo_url": "The URL of the project's repository.",
    "revised_by": "On whose account: the URL of a pull request, a commit, any text.",
    "since": "Only what came after a time such as 2026-11-21 or 7d, or after the number of a change.",
    "slug": "Its slug, of a-z, 0-9 and single hyphens.",
    "sort": "What comes first.",
    "source": "The note that the links are of.",
    "status": "The status: active, draft, completed, …",
    "tags": "Tags in the place of those that are there, with commas.",
    "text": "The text whose references are checked.",
    "title": "The title; without one the first heading of the text counts.",
    "to": "For move: the note at whose end, or the section behind which, it then stands.",
    "updated_before": "Only what was changed before a time such as 2026-11-21 or 7d.",
    "updated_since": "Only what was changed after a time such as 2026-11-21 or 7d.",
    "view": "What of it; toc is its anchors and sizes.",
}
"""By the argument."""
TOLD_APART = frozenset({"parent", "ref", "tags"})
"""Arguments that are not the same thing to all tools: what a tool says of them itself counts."""


def words_of(name: str, argument: Argument) -> str:
    """The help of an argument, as a sentence; empty where nobody has any."""
    own = argument.field.description or ""
    words = own if own and (name in TOLD_APART or name not in WORDS) else WORDS.get(name, "")
    return words if words.endswith((".", "…")) else f"{words[:1].upper()}{words[1:]}." if words else ""
