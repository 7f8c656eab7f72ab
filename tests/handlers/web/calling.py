"""The API over HTTP, every answer of it held against its own description."""

from typing import Any

from aiohttp import ClientSession

from tests.handlers.web.schemas import faults

TOKEN = "the-api-token"


class Api:
    """The API over HTTP; every answer is held against the API's own description."""

    def __init__(self, client: ClientSession, description: Any) -> None:
        self._client = client
        self.description = description

    async def get(self, path: str, status: int = 200) -> Any:
        async with self._client.get(f"/api/v1{path}") as response:
            return await self._checked(response, "get", path, status)

    async def post(self, path: str, body: Any = None, status: int = 200, *, key: str | None = None) -> Any:
        names = {} if key is None else {"Idempotency-Key": key}
        async with self._client.post(f"/api/v1{path}", json=body, headers=names) as response:
            return await self._checked(response, "post", path, status)

    async def patch(self, path: str, body: Any, status: int = 200) -> Any:
        async with self._client.patch(f"/api/v1{path}", json=body) as response:
            return await self._checked(response, "patch", path, status)

    async def delete(self, path: str, status: int = 200) -> Any:
        async with self._client.delete(f"/api/v1{path}") as response:
            return await self._checked(response, "delete", path, status)

    async def command(self, actor: str, text: str, room: str | None = None, key: str | None = None) -> Any:
        return await self.post("/commands", {"actor": actor, "room": room, "text": text}, key=key)

    async def _checked(self, response: Any, method: str, path: str, status: int) -> Any:
        document = await response.json(content_type=None)
        assert response.status == status, document
        described = self._operation(method, path)["responses"][str(status)]["content"][response.content_type]["schema"]
        assert faults(document, described, self.description) == []
        return document

    def _operation(self, method: str, path: str) -> Any:
        steps = path.partition("?")[0].split("/")
        for pattern, operations in self.description["paths"].items():
            wanted = pattern.split("/")
            if len(wanted) == len(steps) and all(
                a == b or a.startswith("{") for a, b in zip(wanted, steps, strict=True)
            ):
                return operations[method]
        raise AssertionError(f"{path} is not described")
