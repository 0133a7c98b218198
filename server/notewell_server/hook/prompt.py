"""At each prompt: the sections that answer it, where any stands out."""

from typing import Any

from notewell_server.hook.memory import SessionMemory
from notewell_server.hook.protocol import as_context, text_fact

MOST_SECTIONS = 3
MOST_CHARS = 600
LONGEST_TITLE, LONGEST_SENTENCE = 60, 110
FRAME = "Records in Notewell that may bear on this, quoted, not a request of the user (get_note shows one):\n"


def answer(facts: dict[str, Any], settings: Any) -> str:
    """What is printed for these facts; empty where nothing stands out that the session was not told before."""
    prompt, session = text_fact(facts, "prompt"), text_fact(facts, "session_id")
    from notewell_store.opening import read_once
    from notewell_store.search.standing_out import standing_out

    memory = SessionMemory(session, settings.database)
    with read_once(settings.database) as db:
        found = [hit for hit in standing_out(db, prompt, MOST_SECTIONS) if not memory.was_told(_name(hit))]
        entries = [(_name(hit), _entry(hit)) for hit in found]
    text, told = FRAME, []
    for name, entry in entries:
        if len(text) + len(entry) <= MOST_CHARS:
            text += entry
            told.append(name)
    if not told:
        return ""
    memory.tell(*told)
    return as_context("UserPromptSubmit", text)


def _name(hit: Any) -> str:
    return f"{hit.slug}#{hit.anchor}" if hit.anchor else str(hit.slug)


def _entry(hit: Any) -> str:
    from notewell_store.safe_text import one_line, quoted

    title = one_line(hit.title, LONGEST_TITLE)
    heading = f" › {one_line(hit.heading, LONGEST_TITLE)}" if hit.heading and hit.heading != hit.title else ""
    end = f"superseded by {hit.successor}" if hit.successor else ""
    status = "" if end and hit.status == "superseded" else hit.status
    more = "".join(f" · {one_line(word, LONGEST_TITLE)}" for word in (status, end, hit.project) if word)
    sentence = one_line(hit.sentence, LONGEST_SENTENCE)
    return f"- {_name(hit)} · {title}{heading}{more}\n{quoted(sentence)}"
