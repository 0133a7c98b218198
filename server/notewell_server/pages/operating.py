"""How the store is kept: its figures, its backups, whether it is whole, and what was run for it, or is started here."""

import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from http import HTTPStatus

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.api.events import HEARTBEAT, RETRY
from notewell_server.http.api.routes import EVENTS
from notewell_server.http.calls import Calls
from notewell_server.http.operations.call_records import caller_of
from notewell_server.pages.access.callers import PageCallers
from notewell_server.pages.forms import fields_of, number_of
from notewell_server.pages.running import Runner, Task
from notewell_server.pages.showing import Pages, View
from notewell_server.runs import Run, Runs
from notewell_store.access.tokens import Refused
from notewell_store.clock import of_second
from notewell_store.findings import worst
from notewell_store.integrity.figures import figures
from notewell_tools.admission import check_admin_of_all
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

SHOWN = 20  # runs of the page
PAUSE = 0.5  # seconds between two looks at a run that goes on
NOT_KEPT = {"Cache-Control": "no-store"}


class Operating:
    """`tasks` are what may be started."""

    def __init__(
        self, pages: Pages, calls: Calls, callers: PageCallers, runs: Runs, runner: Runner, tasks: tuple[Task, ...]
    ) -> None:
        self._pages = pages
        self._calls = calls
        self._callers = callers
        self._runs = runs
        self._runner = runner
        self._examining = threading.Lock()
        self._tasks: dict[tuple[str, str], Task] = {(task.what, task.of): task for task in tasks}

    def routes(self) -> list[Route]:
        return [
            Route("/operations", self.overview, methods=["GET"]),
            Route("/operations", self.start, methods=["POST"]),
            Route("/operations/runs", self.newest),
            Route("/operations/runs/{id}", self.run),
            Route("/operations/runs/{id}/log", self.log),
            Route("/operations/doctor", self.doctor),
        ]

    async def overview(self, request: Request) -> Response:
        def view(call: Call) -> View:
            found = figures(call.store)
            age = found.sizes.backup_age
            facts = {
                "figures": found,
                "backed_up_at": None if age is None else of_second(time.time() - age),
                "verified": next((run for run in self._runs.newest(SHOWN, "verify") if run.state), None),
                "imports": [task.of for task in self._tasks.values() if task.what == "import"],
                "is_refused": "refused" in request.query_params,
                **self._recent(),
            }
            return View("operations.html", facts)

        return await self._for_admins(request, view)

    async def newest(self, request: Request) -> Response:
        """The runs alone, to take the place of those that a page shows."""
        return await self._for_admins(request, lambda call: View("runs.html", self._recent()))

    def _recent(self) -> dict[str, object]:
        runs = self._runs.newest(SHOWN)
        return {"runs": runs, "is_busy": any(run.is_going_on for run in runs)}

    async def run(self, request: Request) -> Response:
        return await self._for_admins(request, lambda call: View("run.html", {"run": self._named(request)}))

    async def doctor(self, request: Request) -> Response:
        """What `notewell doctor` says of the store: it reads all of the file, so it is asked for apart, and once at a
        time."""

        def view(call: Call) -> View:
            if not self._examining.acquire(blocking=False):
                raise ToolError("The doctor looks at the store already: load this page again in a moment.", "busy")
            try:
                checks = call.store.engine.upkeep.examine(call.store.address)
            finally:
                self._examining.release()
            return View("doctor.html", {"checks": checks, "worst": worst(checks)})

        return await self._for_admins(request, view)

    async def start(self, request: Request) -> Response:
        sent = await fields_of(request)
        task = self._tasks.get((sent.get("what", ""), sent.get("of", "")))
        refused = ""

        def begin(call: Call) -> None:
            check_admin_of_all(call.rights)
            if task is None:
                raise ToolError("Nothing of that name may be started from here: the page shows what may.", "invalid")
            self._runner.start(task, call.actor)

        try:
            await self._calls.act(request, "start_run", " ".join(task[:2]).strip() if task else "unknown", begin)
        except ToolError as error:
            if error.kind != "conflict":
                raise
            refused = "?refused=1"
        return RedirectResponse(f"/operations{refused}", HTTPStatus.SEE_OTHER, NOT_KEPT)

    async def log(self, request: Request) -> Response:
        """The lines of a run as they come; `Last-Event-ID`, or `since`, is the number of those that are known. Who may
        not read them takes nobody's place among the streams."""

        def begin(call: Call) -> tuple[Run, Caller]:
            check_admin_of_all(call.rights)
            return self._named(request), self._callers.of(request.scope)

        run, caller = await self._calls.read(request, "run_log", None, begin)
        if request.method == "HEAD":
            return Response(media_type=EVENTS, headers=NOT_KEPT)
        self._calls.begin_stream(request.scope)
        return StreamingResponse(self._told(request, run.id, caller), media_type=EVENTS, headers=NOT_KEPT)

    async def _told(self, request: Request, identity: str, caller: Caller) -> AsyncIterator[str]:
        """Ends with the run, or when the reader is no longer who began to read."""

        def look(call: Call) -> Run | None:
            return self._runs.read(identity) if self._callers.of(request.scope) == caller else None

        last = request.headers.get("last-event-id") or request.query_params.get("since", "")
        known, silent = number_of(last) or 0, 0.0
        yield RETRY
        with suppress(ToolError, Refused):
            while True:
                run = await self._calls.read_on(request, "run_log", look)
                if run is None:
                    return
                for line in run.lines[known:]:
                    known += 1
                    silent = 0.0
                    yield f"id: {known}\nevent: line\ndata: {json.dumps(line._asdict())}\n\n"
                if not run.is_going_on:
                    yield f"event: end\ndata: {json.dumps(run.state or 'cut off')}\n\n"
                    return
                await anyio.sleep(PAUSE)
                silent += PAUSE
                if silent >= HEARTBEAT:
                    silent = 0.0
                    yield ": still here\n\n"

    def _named(self, request: Request) -> Run:
        run = self._runs.read(request.path_params["id"])
        if run is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return run

    async def _for_admins(self, request: Request, view: Callable[[Call], View]) -> Response:
        def ask(call: Call) -> View | Response:
            if caller_of(request.scope) is ANONYMOUS:
                return RedirectResponse("/sign-in?next=/operations", HTTPStatus.SEE_OTHER, NOT_KEPT)
            check_admin_of_all(call.rights)
            return view(call)

        return await self._pages.anew(request, "operations", ask)
