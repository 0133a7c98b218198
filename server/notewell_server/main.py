"""The entry point. It imports next to nothing, so that each door pays for what it uses only."""

import gc
import sys


def main() -> None:
    """`notewell` and `notewell serve` speak MCP on standard input and output; all else is the command line."""
    arguments = sys.argv[1:]
    if not arguments or arguments == ["serve"]:
        # The SDK's import makes some 100,000 objects that live for ever: collecting among them costs a
        # fifth of the start, and again at the end.
        gc.disable()
        from notewell_server.stdio import serve

        gc.enable()
        gc.freeze()
        serve()
    else:
        from notewell_server.command_line import run

        run()


if __name__ == "__main__":
    main()
