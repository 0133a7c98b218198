"""board: the columns of a board, its cards, and what its history tells."""

from typing import Annotated, Literal

from notewell_store.boards.cards import Board as StoredBoard
from notewell_store.boards.cards import Standing, days_since, find_board, next_position, standings
from notewell_store.boards.flow import MOST_FINISHED, MOST_OLD, flow_of
from notewell_store.boards.flow import Flow as StoredFlow
from notewell_store.boards.timeline import Entry, timeline_of
from notewell_store.clock import now
from notewell_store.contract import Snapshot
from notewell_store.errors import ANY, NextCall, Say
from notewell_store.tables import boards as board_rows
from notewell_store.tables.boards import CardRow
from notewell_tools.answers import counted, part_of
from notewell_tools.arguments import Field, ReadBy
from notewell_tools.definition import Call, Name, split_words, tool
from notewell_tools.results import Board, BoardCard, BoardColumn, Flow, TimelineEntry

Include = Annotated[list[Literal["flow", "timeline"]], ReadBy(split_words)]


def _text(data: Board, say: Say) -> str:
    lines = [f"{data['slug']}@{data['revision']} · {data['title']} · {counted(data['total'], 'card')}"]
    for column in data["columns"]:
        lines += [_head(column), *map(_card_line, column["cards"])]
    lines += _flow_lines(data["flow"], data["columns"]) if "flow" in data else []
    if "timeline" in data:
        number = part_of(len(data["timeline"]), data["timeline_total"], "entries")
        lines += [f"## timeline: {number}", *map(_entry_line, data["timeline"])]
    lines += [f"note: {fault}" for fault in data.get("faults", ())]
    move = NextCall("upsert_note", {"slug": ANY, "status": ANY, "position": ANY})
    lines.append(f"move a card: {say(move)}")
    return "\n".join(lines)


def _head(column: BoardColumn) -> str:
    """`## Doing (in-progress) 3 of 3: full → Backlog, Review`; of a column whose cards are not all shown how many."""
    status = column["status"]
    named = f" ({status})" if status is not None and status != column["name"] else ""
    number = f"{column['total']:,}" + (f" of {column['limit']:,}" if "limit" in column else "")
    full = ": full" if "limit" in column and column["total"] >= column["limit"] else ""
    to = f" → {', '.join(column['moves_to']) or 'nowhere'}" if "moves_to" in column else ""
    shown = len(column["cards"])
    cut = f"; {part_of(shown, column['total'], 'cards')} shown" if shown < column["total"] else ""
    return f"## {column['name']}{named} {number}{full}{to}{cut}"


def _card_line(card: BoardCard) -> str:
    place = "-" if card["position"] is None else f"{card['position']}."
    tags = f" [{', '.join(card['tags'])}]" if card["tags"] else ""
    return f"{place} {card['slug']} · {card['title']}{tags} · {card['days']:g}d"


def _flow_lines(flow: Flow, columns: list[BoardColumn]) -> list[str]:
    """Lead times, what is in work, and a line for each week: how many were done in it, and where all stood at its
    end."""
    lead = flow["lead_days"]
    took = f"half took {lead['p50']:g}d, 85 of 100 {lead['p85']:g}d" if lead["p50"] is not None else "none was done"
    head = f"## flow of {counted(len(flow['weeks']), 'week')}: {counted(lead['cards'], 'card')} done, {took}"
    oldest = ", ".join(f"{card['slug']} {card['days']:g}d ({card['status']})" for card in flow["oldest"])
    named = " ".join(column["name"] for column in columns[: len(flow["weeks"][0]["counts"])])
    return [
        f"{head}; {flow['in_work']:,} in work" + ("; of the newest cards" if "part" in flow else ""),
        *([f"longest in their column: {oldest}"] if oldest else []),
        f"week: done | {named}",
        *(f"{week['week']}: {week['done']} | {' '.join(map(str, week['counts']))}" for week in flow["weeks"]),
    ]


def _entry_line(entry: TimelineEntry) -> str:
    status = f" ({entry['status']})" if entry["status"] else ""
    return f"{entry['at'][:10]} {entry['kind']} {entry['slug']} · {entry['title']}{status}"


@tool(_text, reads_only=True)
def board(
    call: Call,
    ref: Name,
    include: Include = [],  # noqa: B006 - never changed: each call gets its own
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
) -> Board:
    """A board: columns, cards, limits; flow; its project's timeline."""
    with call.store.reading() as db:
        found = find_board(db, ref)
        answer = _answer(db, found, standings(db, found, limit))
        if "flow" in include:
            answer["flow"] = _flow(flow_of(db, found))
        if "timeline" in include:
            entries = timeline_of(db, found.project) if found.project else ()
            answer["timeline"] = [entry_told(entry) for entry in entries[:MOST_ENTRIES]]
            answer["timeline_total"] = len(entries)
        return answer


def _answer(db: Snapshot, found: StoredBoard, columns: list[Standing]) -> Board:
    since = board_rows.entered_since(db, [card.id for column in columns for card in column.cards])
    at = now()
    title, revision = board_rows.title_of(db, found.row.id)
    answer: Board = {
        "slug": found.row.slug,
        "title": title,
        "project": found.row.project,
        "revision": revision,
        "total": sum(column.total for column in columns),
        "columns": [_column(column, found, since, at) for column in columns],
    }
    return {**answer, "faults": list(found.faults)} if found.faults else answer


def _column(standing: Standing, found: StoredBoard, since: dict[int, str], at: str) -> BoardColumn:
    column, position = standing.column, next_position(standing)
    told: BoardColumn = {
        "name": column.name if column else OTHER,
        "status": column.status if column else None,
        "total": standing.total,
        "cards": [_card(card, since.get(card.id, card.updated_at), at) for card in standing.cards],
    }
    if position is not None:
        told["next_position"] = position
    if column is None:
        return told
    if column.limit is not None:
        told["limit"] = column.limit
    if column.to is not None:
        told["moves_to"] = [each.status for each in found.layout.columns if each.label in column.to]
    if column in found.layout.done:
        told["done"] = True
    return told


OTHER = "other statuses"
MOST_ENTRIES = 50


def _flow(flow: StoredFlow) -> Flow:
    told: Flow = {
        "lead_days": {"cards": len(flow.finished), "p50": _short(flow.p50), "p85": _short(flow.p85)},
        "in_work": len(flow.in_work),
        "oldest": [
            {"slug": card.slug, "status": card.column.status, "days": round(card.days, 1)}
            for card in flow.in_work[:MOST_OLD]
        ],
        "weeks": [{"week": week.monday, "done": week.done, "counts": list(week.counts)} for week in flow.weeks],
        "finished": [
            {"slug": card.slug, "at": card.at, "days": round(card.days, 1)} for card in flow.finished[:MOST_FINISHED]
        ],
    }
    return {**told, "part": True} if flow.is_part else told


def _short(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def entry_told(entry: Entry) -> TimelineEntry:
    return {
        "at": entry.at,
        "kind": entry.kind,
        "slug": entry.slug,
        "title": entry.title,
        "status": entry.status,
        "done": entry.is_done,
    }


def _card(card: CardRow, since: str, at: str) -> BoardCard:
    data: BoardCard = {
        "slug": card.slug,
        "title": card.title,
        "note_type": card.note_type,
        "status": card.status,
        "project": card.project,
        "tags": list(card.tags),
        "position": card.position,
        "revision": card.revision,
        "updated_at": card.updated_at,
        "actor": card.actor,
        "since": since,
        "days": round(days_since(since, at), 1),
    }
    return data if card.door is None else {**data, "door": card.door}
