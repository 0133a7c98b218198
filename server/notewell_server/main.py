"""The entry point. It imports next to nothing, so that each door pays for what it uses only."""

import gc
import sys


def main() -> None:
    """`notewell` and `notewell serve` speak MCP on standard input and output, a session's hook speaks JSON on them; all
    else is the command line."""
    arguments = sys.argv[1:]
    if not arguments or arguments == ["serve"]:
        # The SDK's import makes objects by the hundred thousand that live as long as the process: looking
        # among them for garbage costs a tenth of the start, and again at the end.
        gc.disable()
        from notewell_server.mcp.stdio import serve

        gc.freeze()
        gc.enable()
        serve()
    elif arguments == ["hook", "session-start"]:
        gc.disable()  # its life is too short for garbage
        from notewell_server.hook.session_start import session_start

        session_start()
    else:
        from notewell_server.cli.commands import run

        run()


if __name__ == "__main__":
    main()
