"""The entry point. It imports next to nothing, so that each door pays for what it uses only."""

import gc
import os
import sys


def main() -> None:
    """`notewell serve` speaks MCP on standard input and output, and so does `notewell` where nobody types; a session's
    hook speaks JSON on them; all else is the command line."""
    arguments = sys.argv[1:]
    is_served = not os.isatty(0) and "_NOTEWELL_COMPLETE" not in os.environ  # by which a shell asks what may be typed
    if arguments in (["serve", "--tools", "core"], ["serve", "--tools=core"]):
        os.environ["NOTEWELL_TOOLS"] = "core"
        arguments = ["serve"]
    if arguments == ["serve"] or (not arguments and is_served):
        from notewell_server.stdio.choice import serve

        serve()
    elif arguments[:1] == ["hook"] and len(arguments) == 2 and not arguments[1].startswith("-"):
        gc.disable()  # its life is too short for garbage
        from notewell_server.hook.events import run as run_hook

        run_hook(arguments[1])
    else:
        from notewell_server.cli.commands import run

        run()


if __name__ == "__main__":
    main()
