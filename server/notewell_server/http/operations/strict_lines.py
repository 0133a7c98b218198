"""Lines of a request as h11 reads them, less what other readers may take for something else."""

import re

import h11
from h11._receivebuffer import ReceiveBuffer

DOUBTFUL = re.compile(rb"(?<!\r)\n|\r(?!\n)|\n[ \t]")
"""A line that ends with half an end, or that goes on in the next one (RFC 9112, sections 2.2 and 5.2)."""
LENGTH = re.compile(rb"(?i)\ncontent-length[ \t]*:")
"""Of several that are the same h11 makes one, where it may refuse them (RFC 9110, section 8.6)."""
LINES_END = re.compile(rb"\n\r?\n")


class StrictLines(ReceiveBuffer):
    """h11 takes them for lines all the same; what is refused here is answered with 400 by whoever reads from it."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """The lines of a request's head, or behind a body that comes in chunks."""
        end = LINES_END.search(self._data, self._multiple_lines_search)
        if self._data[:1] == b"\n" or (end and DOUBTFUL.search(self._data, 0, end.end())):
            raise h11.LocalProtocolError("a line ends with CR LF, and does not go on in the next one")
        if end and len(LENGTH.findall(self._data, 0, end.end())) > 1:
            raise h11.LocalProtocolError("there is one Content-Length at most")
        return super().maybe_extract_lines()

    def maybe_extract_next_line(self) -> bytearray | None:
        """The line before a chunk."""
        line = super().maybe_extract_next_line()
        if line is not None and DOUBTFUL.search(line):
            raise h11.LocalProtocolError("a chunk's line ends with CR LF")
        return line
