"""What a session wrote: told as its context is compacted, and kept in the audit log as it ends.

A revision names its actor, and no session: counted are the notes whose newest change came after the session began, by
the name under which its client writes. Two sessions of one client that write at once are told of each other's notes.
"""

from typing import Any

from notewell_server.hook.memory import SessionMemory
from notewell_server.hook.protocol import text_fact

CLIENT = "claude-code"  # the name of the client in the handshake, under which its server writes
MOST_NOTES = 20
FRAME = "This session wrote in Notewell (records of what is stored):\n"


def before_compaction(facts: dict[str, Any], settings: Any) -> str:
    """What is printed for these facts: the host gives it to whoever sums the session up."""
    from notewell_store.opening import read_once
    from notewell_store.safe_text import for_model

    with read_once(settings.database) as db:
        return for_model(told(db, facts, settings))


def at_end(facts: dict[str, Any], settings: Any) -> str:
    """Says nothing; a session that changed notes has a line in the audit log."""
    from notewell_store.opening import read_once

    with read_once(settings.database) as db:
        count = len(_written(db, facts, settings))
    if count:
        from notewell_server.http.operations.audit_log import AuditLog
        from notewell_server.settings import beside

        log = AuditLog(beside(settings.database))
        what = f"end of session {text_fact(facts, 'session_id')}"
        log.record(actor=settings.actor or CLIENT, means="hook", what=what, outcome="ok", count=count)
        log.close()
    return ""


def told(db: Any, facts: dict[str, Any], settings: Any) -> str:
    """What the session wrote, a line for each note, and which of these are open; empty where it wrote nothing."""
    notes = _written(db, facts, settings)
    lines = [_line(note) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(f"- and {len(notes) - MOST_NOTES} more\n")
    return f"{FRAME}{''.join(lines)}\n" if lines else ""


def _written(db: Any, facts: dict[str, Any], settings: Any) -> tuple[Any, ...]:
    from notewell_store.briefing.written import written_since

    began = SessionMemory(text_fact(facts, "session_id"), settings.database).began_at
    if began is None:
        return ()
    return written_since(db, began, settings.actor or CLIENT)


def _line(note: Any) -> str:
    from notewell_store.safe_text import one_line

    words = ["deleted" if note.deleted else note.note_type, note.status, "open" if note.is_open else None]
    more = "".join(f" · {one_line(word, 40)}" for word in words if word)
    return f"- {note.slug}@{note.revision} · {one_line(note.title, 80)}{more}\n"
