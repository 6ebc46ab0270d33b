"""The websockets of a stand-in server; messages reach each in order."""

import asyncio
import io
import json
import struct
from contextlib import suppress
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web
from PIL import Image

PREVIEW, TEXT, PREVIEW_WITH_FACTS = 1, 3, 4
JPEG, PNG = 1, 2
LONGEST = 512  # px of a preview's long side
FEATURES = {"supports_preview_metadata": True}


class Sockets:
    """By client id. The bug of the real one is kept: an old connection that ends takes the new."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, is_forgetful: bool, limit: int) -> None:
        self.loop = loop
        self.is_forgetful = is_forgetful
        self.features = {**FEATURES, "max_upload_size": limit}
        self.open: dict[str, web.WebSocketResponse] = {}
        self.flags: dict[str, dict[str, Any]] = {}
        self.waiting: asyncio.Queue[tuple[Any, Any, str | None]] = asyncio.Queue()
        self.client: str | None = None  # whose job runs
        self.node: str | None = None  # that runs

    def post(self, kind: str, facts: dict[str, Any], client: str | None = None) -> None:
        """To one client, or to all; from any thread."""
        self._put((kind, facts, client))

    def post_preview(self, image: np.ndarray, facts: dict[str, Any]) -> None:
        self._put((image, facts, self.client))

    def _put(self, message: tuple[Any, Any, str | None]) -> None:
        with suppress(RuntimeError):  # of a loop that is closed: nobody listens any more
            self.loop.call_soon_threadsafe(self.waiting.put_nowait, message)

    async def publish(self) -> None:
        while True:
            kind, facts, client = await self.waiting.get()
            names = list(self.open) if client is None else [client]
            for name in names:
                await self._send(name, kind, facts)

    async def _send(self, name: str, kind: Any, facts: dict[str, Any]) -> None:
        socket = self.open.get(name)
        if socket is None:
            return
        try:
            if isinstance(kind, str):
                await socket.send_json({"type": kind, "data": facts})
            else:
                with_facts = self.flags.get(name, {}).get("supports_preview_metadata")
                await socket.send_bytes(preview(kind, facts if with_facts else None))
        except ConnectionError:
            return

    async def serve(self, request: web.Request, client: str, remaining: int) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open[client] = socket
        self.flags[client] = {}
        try:
            await self._greet(client, remaining)
            await self._listen(client, socket)
        finally:
            if self.is_forgetful or self.open.get(client) is socket:
                self.open.pop(client, None)
                self.flags.pop(client, None)
        return socket

    async def _greet(self, client: str, remaining: int) -> None:
        status = {"exec_info": {"queue_remaining": remaining}}
        await self._send(client, "status", {"status": status, "sid": client})
        if self.client == client and self.node is not None:
            await self._send(client, "executing", {"node": self.node})

    async def _listen(self, client: str, socket: web.WebSocketResponse) -> None:
        is_first = True
        async for message in socket:
            if message.type == WSMsgType.TEXT and is_first:
                is_first = False
                said = json.loads(message.data)
                if said.get("type") == "feature_flags":
                    self.flags[client] = said.get("data", {})
                    await self._send(client, "feature_flags", self.features)

    def deafen(self) -> None:
        """All connections stay open, and nothing reaches them any more."""
        self.loop.call_soon_threadsafe(self.open.clear)


def preview(image: np.ndarray, facts: dict[str, Any] | None) -> bytes:
    """(H, W, 3) uint8 as a JPEG, long side 512, behind what a message starts with."""
    picture = Image.fromarray(image)
    scale = LONGEST / max(picture.size)
    picture = picture.resize([max(1, round(side * scale)) for side in picture.size])
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=95)
    if facts is None:
        return struct.pack(">II", PREVIEW, JPEG) + packed.getvalue()
    text = json.dumps({**facts, "image_type": "image/jpeg"}).encode()
    return struct.pack(">II", PREVIEW_WITH_FACTS, len(text)) + text + packed.getvalue()
