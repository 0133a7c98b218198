"""The calls whose answers were recorded, in order, all on one store that is new when they begin.

`<cursor of NAME>` in an argument is the cursor that the call of that name answered. A call that is added belongs at
the end of its door's list: a write in between changes the numbers of all that follow it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.before.calls_of_doors import COMMANDS, HTTP, MCP
from tests.before.calls_refused import REFUSED
from tests.before.calls_that_read import READING
from tests.before.calls_that_write import MAKING, WRITING

if TYPE_CHECKING:
    from tests.before.asked import Asked

CALLS: tuple[Asked, ...] = (*MAKING, *WRITING, *READING, *REFUSED, *HTTP, *COMMANDS, *MCP)
