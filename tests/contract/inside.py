"""Requests carried by one of httpx's transports instead of the network: to an application in the same process."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping

import httpx

from shared.sync.carrier import Reply


class Inside:
    """In the place of `Lines`."""

    def __init__(self, base_url: str, inner: httpx.AsyncBaseTransport) -> None:
        self._base_url = base_url.rstrip("/")
        self._inner = inner

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None, connect_s: float
    ) -> Reply:
        patience = httpx.Timeout(None, connect=connect_s).as_dict()
        request = httpx.Request(
            method, self._base_url + path, headers=headers, content=content, extensions={"timeout": patience}
        )
        return _Response(await self._inner.handle_async_request(request))

    async def close(self) -> None:
        await self._inner.aclose()


class _Response:
    def __init__(self, response: httpx.Response) -> None:
        self.status, self.headers = response.status_code, response.headers.raw
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._response.stream
        assert isinstance(stream, AsyncIterable), "what an asynchronous transport gives is read like that"
        return aiter(stream)

    async def close(self) -> None:
        await self._response.aclose()
