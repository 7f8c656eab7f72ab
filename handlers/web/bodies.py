"""Reads the body of a request, unpacked, and never more of it than allowed."""

import zlib
from typing import Final

from aiohttp import hdrs, web

from handlers.web.problems import Problem

_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
# 32 on top of the window's size lets zlib tell gzip and zlib apart by their first bytes.
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


async def read_body(request: web.Request, limit_bytes: int) -> bytes:
    """Return the whole body, unpacked if it came packed.

    Raises `Problem`: 413 for a body larger than the limit, as sent or unpacked; 400 for one that broke off or can't
    be unpacked; 415 for an encoding that is not known. The server must not unpack by itself: see `serving`.
    """
    if (request.content_length or 0) > limit_bytes:
        raise _too_large(limit_bytes)
    encoding = request.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
    if encoding not in _PACKED and encoding not in {"", "identity"}:
        detail = "The body's Content-Encoding is not known here; use gzip, deflate or none."
        raise Problem(415, detail, headers={hdrs.ACCEPT_ENCODING: "gzip, deflate"})
    body = await _received(request, limit_bytes)
    return _unpacked(body, limit_bytes) if encoding in _PACKED else body


async def _received(request: web.Request, limit_bytes: int) -> bytes:
    content = request.content
    try:
        body = await content.readany()
        if content.at_eof():
            return body
        parts = [body]
        size = len(body)
        while part := await content.readany():
            parts.append(part)
            size += len(part)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Problem(400, "The body broke off before its end; send it again.") from error
    return b"".join(parts)


def _unpacked(body: bytes, limit_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    if body and not body.startswith(b"\x1f\x8b") and body[0] & 0x0F != zlib.DEFLATED:
        # Some senders take "deflate" by its word and leave out the zlib header.
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise Problem(400, "The body can't be unpacked; check its Content-Encoding, or send it as it is.") from error
    if len(plain) > limit_bytes:
        raise _too_large(limit_bytes)
    if not unpacker.eof or unpacker.unused_data:
        raise Problem(400, "The packed body is not whole; send it again.")
    return plain


def _too_large(limit_bytes: int) -> Problem:
    return Problem(413, f"The body is larger than {limit_bytes // 1_000_000} MB; send fewer alerts at once.")
