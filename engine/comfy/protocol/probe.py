"""Takes the snapshot of a server by asking for all that graphs are built from."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.comfy.errors import ServerUnreachable
from engine.comfy.protocol.file_headers import headers
from engine.comfy.protocol.json_fields import as_array, as_object, as_text
from engine.comfy.protocol.object_info import Nodes
from engine.comfy.protocol.queue_api import none_if_missing
from engine.comfy.protocol.snapshot import FOLDERS, ServerSnapshot
from engine.comfy.server.transport import Transport
from engine.jobs.operations import Device

_MB = 1 << 20


def probe(
    transport: Transport, waiting: Callable[[], object], last: ServerSnapshot | None = None
) -> ServerSnapshot:
    """Ask a server for all that graphs are built by; some ten requests, of which one is large.

    And one for each LoRA and base model that was not there in the `last` answer.
    Raises ServerUnreachable (not_comfy) when somebody else answers, and what the transport raises.
    """
    name = transport.server.name
    stats = as_object(transport.get_json("/system_stats", waiting))
    system = as_object(stats.get("system"))
    version = as_text(system.get("comfyui_version"))
    if not version:
        raise ServerUnreachable(name, "not_comfy")

    def get(path: str) -> Any:
        return none_if_missing(lambda: transport.get_json(path, waiting))

    def get_header(path: str) -> Any:
        """A file with a damaged header is no reason to stop."""
        try:
            return get(path)
        except ServerUnreachable as error:
            if error.reason != "status":
                raise
            return None

    models = _models(get)
    return ServerSnapshot(
        server=name,
        version=version,
        device=_device(system, stats.get("devices")),
        nodes=Nodes.read(transport.get_json("/object_info", waiting)),
        models=models,
        metadata=headers(get_header, models, last.metadata if last else None),
        has_jobs="jobs" in as_object(get("/api/jobs?limit=1")),
        max_upload_bytes=_whole(as_object(get("/features")).get("max_upload_size")),
    )


def _device(system: Mapping[str, Any], devices: object) -> Device:
    """The first one: a server computes on one."""
    first = as_object(next(iter(as_array(devices)), None))
    return Device(
        kind=as_text(first.get("type")) or "cpu",
        name=as_text(first.get("name")),
        total_mb=_whole(first.get("vram_total")) // _MB,
        free_mb=_whole(first.get("vram_free")) // _MB,
        torch=as_text(system.get("pytorch_version")),
    )


def _models(get: Callable[[str], Any]) -> Mapping[str, tuple[str, ...]]:
    """The files of each folder; one that the server does not have is left out."""
    listed = {folder: get(f"/models/{folder}") for folder in FOLDERS}
    return {
        folder: tuple(as_text(each) for each in as_array(files) if as_text(each))
        for folder, files in listed.items()
        if files is not None
    }


def _whole(value: object) -> int:
    """A number of bytes; foreign, it may be anything."""
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 60 else 0
