"""The quick door on standard input and output: what hosts send every day is answered without the SDK, which is imported
when something else comes.

`messages` says what is understood here, `prepared.json` holds what the SDK answers to what asks nothing of the store,
`calls` asks the store, `sink` writes, `door` is the loop and hands over.
"""

from pathlib import Path

PREPARED = Path(__file__).with_name("prepared.json")
"""The SDK's answers by protocol era and method, made by `make docs`; a test guards that the SDK still says so."""
