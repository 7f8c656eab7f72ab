"""The style sheet, the script and the sign: read once at start, and served for ever under a name that changes with them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aiohttp import hdrs, web

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Statics:
    """The files of `static/`, each with its type and the URL under which pages name it."""

    files: dict[str, tuple[str, bytes]]
    urls: dict[str, str]

    @classmethod
    def read(cls, folder: Path = _FOLDER) -> Self:
        """Read every file of the folder."""
        files, urls = {}, {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _TYPES:
                body = path.read_bytes()
                digest = hashlib.sha256(body).hexdigest()[:12]
                files[path.name] = (_TYPES[path.suffix], body)
                urls[path.name] = f"/static/{path.name}?{digest}"
        return cls(files, urls)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer `GET /static/{name}`; named with its digest, it never changes and needs no asking again."""
        found = self.files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        kind, body = found
        is_named = str(request.rel_url) == self.urls[request.match_info["name"]]
        cache = "public, max-age=31536000, immutable" if is_named else "no-cache"
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: kind, hdrs.CACHE_CONTROL: cache})
