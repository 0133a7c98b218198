"""The SDK's door, which stands behind the quick one, imported when it is wanted."""

import gc
from types import ModuleType


def sdk_door() -> ModuleType:
    """Its import makes objects by the hundred thousand that live as long as the process: looking among them for garbage
    costs a tenth of it, and again at the end."""
    gc.disable()
    from notewell_server.mcp import stdio

    gc.freeze()
    gc.enable()
    return stdio
