"""How a revision's text is kept small: whole, or as its difference from the text before it.

A blob begins with one byte that says which. `W`: the text, deflated. `D`: two varints, how many bytes the
two texts share at the start and at the end, then what stands between, deflated with the former text as
the dictionary, so that lines that moved, changed by half or look like their neighbours cost little too.
"""

import zlib

WHOLE = b"W"
DELTA = b"D"
WINDOW = 32_768  # deflate looks back no further
AROUND = 8_192  # bytes on each side of what changed that the new text may repeat
RAW_DEFLATE = -15  # no header, no checksum: each revision carries a SHA-256


def encode_whole(text: bytes) -> bytes:
    return WHOLE + _deflate(text, b"")


def encode_delta(base: bytes, text: bytes) -> bytes:
    from notewell_store.shared_ends import shared_ends  # which nobody needs who reads

    head, tail = shared_ends(base, text)
    middle = text[head : len(text) - tail]
    return DELTA + _varint(head) + _varint(tail) + _deflate(middle, _dictionary(base, head, len(base) - tail))


def is_whole(blob: bytes) -> bool:
    return blob[:1] == WHOLE


def decode(base: bytes, blob: bytes) -> bytes:
    """The text that `blob` stands for; `base` is the text before it. Raises ValueError if it is damaged."""
    try:
        if is_whole(blob):
            return _inflate(blob[1:], b"")
        head, at = _read_varint(blob, 1)
        tail, at = _read_varint(blob, at)
        end = len(base) - tail
        return base[:head] + _inflate(blob[at:], _dictionary(base, head, end)) + base[end:]
    except (zlib.error, IndexError) as error:
        raise ValueError("a damaged revision") from error


def _dictionary(base: bytes, start: int, end: int) -> bytes:
    """What a new text in the place of `base[start:end]` is likely to repeat, the likeliest last."""
    return base[end : end + AROUND] + base[max(0, start - AROUND) : end]


def before_insertion(text: bytes, blob: bytes) -> bytes | None:
    """The text before `text`, if `blob` is a difference that took nothing away; whether it is, is to be proved."""
    try:
        if is_whole(blob):
            return None
        head, at = _read_varint(blob, 1)
        tail, _ = _read_varint(blob, at)
    except (ValueError, IndexError):
        return None
    return text[:head] + text[len(text) - tail :] if head + tail <= len(text) else None


def _deflate(text: bytes, dictionary: bytes) -> bytes:
    if not text:
        return b""
    window = dictionary[-WINDOW:]
    deflate = (
        zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE, 9, zlib.Z_DEFAULT_STRATEGY, window)
        if window
        else zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE, 9)
    )
    return deflate.compress(text) + deflate.flush()


def _inflate(blob: bytes, dictionary: bytes) -> bytes:
    if not blob:
        return b""
    window = dictionary[-WINDOW:]
    inflate = zlib.decompressobj(RAW_DEFLATE, window) if window else zlib.decompressobj(RAW_DEFLATE)
    text = inflate.decompress(blob)
    if not inflate.eof or inflate.unused_data:
        raise ValueError("a revision that was cut or added to")
    return text


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_varint(blob: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = blob[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
