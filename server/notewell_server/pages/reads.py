"""What is read, by whom, what nobody reads, and what was searched for in vain."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.access.identity import ANONYMOUS
from notewell_server.http.operations.call_records import caller_of
from notewell_server.pages.asking import query_of
from notewell_server.pages.finding import project_choices
from notewell_server.pages.showing import Pages, View
from notewell_server.reads.record import folder_of
from notewell_server.reads.sums import ReadBack, Sums, Vain
from notewell_server.settings import Settings
from notewell_tools.definition import Call
from notewell_tools.reads_page import SHOWN, check_oversees, noted

SPANS = (("7", "a week"), ("30", "30 days"), ("90", "90 days"))
USUAL = "30"


class Reads:
    def __init__(self, pages: Pages, settings: Settings) -> None:
        self._pages = pages
        self._is_on = settings.reads
        self._back = ReadBack(folder_of(settings.database))

    def routes(self) -> list[Route]:
        return [Route("/reads", self.reads)]

    async def reads(self, request: Request) -> Response:
        """What is read changes while the store does not, so no browser has the page already."""
        asked = query_of(request, ["project", "days"])
        days = asked["days"] if asked["days"] in dict(SPANS) else USUAL

        def ask(call: Call) -> View | Response:
            if caller_of(request.scope) is ANONYMOUS:
                return RedirectResponse("/sign-in?next=/reads", HTTPStatus.SEE_OTHER)
            check_oversees(call)
            facts = {
                "is_on": self._is_on,
                "days": days,
                "spans": SPANS,
                "project": asked["project"],
                "project_choices": project_choices(call),
                "shown": SHOWN,
            }
            first = datetime.now(UTC) - timedelta(days=int(days))
            told = _told(call, self._back.since(first.date()), first, asked["project"])
            return View("reads.html", facts | told)

        return await self._pages.answer(request, "reads", None, ask, is_of_store=False)


def _told(call: Call, sums: Sums, first: datetime, project: str) -> dict[str, Any]:
    """`is_young`: the record begins after the time that is asked for."""
    begin = first.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    is_young = sums.begins is not None and sums.begins > begin
    since = sums.begins if is_young and sums.begins else begin
    counts = {note: times.total for note, times in sums.notes.items()}
    sections = {note: [number for number, _ in read.most_common()] for note, read in sums.sections.items()}
    found = noted(call, counts, sections, since, project)
    return {
        "sums": sums,
        "since": since,
        "is_young": is_young,
        "read": [(note, sums.notes[note.id]) for note in found.read],
        "unread": found.unread if sums.begins else [],
        "vain": _vain(sums, project),
    }


def _vain(sums: Sums, project: str) -> list[Vain]:
    wanted = [vain for vain in sums.vain.values() if not project or project in vain.projects]
    return sorted(wanted, key=lambda vain: vain.rank, reverse=True)[: SHOWN + 1]
