"""Which door a process opens on standard input and output."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notewell_server.settings import Settings


def serve(settings: "Settings | None" = None) -> None:
    """The quick one, but where pipes cannot be polled or spans are wanted: both are the SDK's matter."""
    if sys.platform == "win32" or any(name.startswith("OTEL_") for name in os.environ):
        from notewell_server.stdio.behind import sdk_door

        sdk_door().serve(settings)
    else:
        from notewell_server.stdio import door

        door.serve(settings)
