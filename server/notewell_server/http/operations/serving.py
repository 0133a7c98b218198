"""The HTTP door's processes: one or several of uvicorn on one socket, on one file."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from socket import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from notewell_server.http.guards.authorities import is_loopback
from notewell_server.http.guards.request_head import LARGEST_HEAD
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.listening import taken
from notewell_server.http.operations.logs import set_up_logs
from notewell_server.http.operations.protocol import DeadlineProtocol
from notewell_server.http.operations.shared_counts import share_counts
from notewell_store.errors import Unusable

KEEP_ALIVE = 30  # seconds; a proxy's own should be shorter
GRACE = 35  # seconds in which requests are still answered once the process is told to stop: a write may wait for 30
STUCK = 30  # seconds after which a worker that does not stir is replaced


def serve(
    app: str,
    listening: Sequence[socket],
    workers: int = 1,
    *,
    settings: GuardSettings,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): then what was begun is answered, streams are closed, and the
    process ends.

    `app` names the function that makes it, `module:function`: each worker calls it for itself, so it reads its
    settings from the environment. `listening` are the sockets of `listen`; `tell` is called once they are served.
    """
    set_up_logs(settings.log)
    config = uvicorn.Config(
        app,
        factory=True,
        workers=workers,
        http=DeadlineProtocol,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=STUCK,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    if workers == 1:
        _Server(config, tell).run(list(listening))
    else:
        with share_counts():
            _Workers(config, list(listening), tell).run()


def listen(host: str, port: int, *, settings: GuardSettings, has_credentials: bool) -> list[socket]:
    """The sockets of an address, that nobody else can take it. `has_credentials` says whether anybody can be known: see
    check_listening, whose Unusable this raises, and that of an address that cannot be had."""
    check_listening(host, has_credentials=has_credentials, behind_tls_proxy=settings.behind_tls_proxy)
    return taken(host, port)


def check_listening(host: str, *, has_credentials: bool, behind_tls_proxy: bool) -> None:
    """Raise Unusable for an address that others can reach, unless somebody can be known (a valid token, or JWTs set
    up) and a proxy in front speaks TLS. Both, since a token that goes over the wire in the clear is everybody's."""
    if is_loopback(host):
        return
    missing = []
    if not has_credentials:
        missing.append("make a token (`notewell token create`) or set up JWTs (NOTEWELL_JWT_ISSUER)")
    if not behind_tls_proxy:
        missing.append("put a proxy that speaks TLS in front and say so (--behind-tls-proxy)")
    if missing:
        raise Unusable(f"{host} can be reached from other machines: {'; and '.join(missing)}. Or listen on 127.0.0.1")


def end_with_parent() -> None:
    """In a worker: end as if told to when the parent is gone, which would leave the port to nobody's care. In the only
    process nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, tell_where: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_where = tell_where

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell_where()


class _Workers(Multiprocess):
    def __init__(self, config: uvicorn.Config, sockets: list[socket], tell_where: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._tell_where = tell_where

    def init_processes(self) -> None:
        super().init_processes()
        if self.processes[0].wait_until_ready(STUCK, self.should_exit):
            self._tell_where()

    def terminate_all(self) -> None:
        """Let nobody connect any more: the parent's socket would take connections that no worker serves."""
        super().terminate_all()
        for listening in self.sockets:
            listening.close()
