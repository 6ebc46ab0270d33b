"""Jobs as /api/jobs tells of them."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.engine.comfy.stand_in.queue import Queue

STATES = ("pending", "in_progress", "completed", "failed", "cancelled")


def job_record(queue: Queue, name: str) -> dict[str, Any] | None:
    entry = queue.history.get(name)
    if entry is None:
        return next((record for record in waiting(queue) if record["id"] == name), None)
    workflow = {"prompt": entry["prompt"][2], "extra_data": entry["prompt"][3]}
    more = {"outputs": entry["outputs"], "execution_status": entry["status"], "workflow": workflow}
    return past(name, entry) | more


def job_records(queue: Queue, query: Mapping[str, str]) -> web.Response:
    states = [state for state in query.get("status", "").split(",") if state]
    if not set(states) <= set(STATES):
        return web.json_response({"error": "Invalid status value(s)"}, status=400)
    records = waiting(queue) + [past(name, entry) for name, entry in queue.history.items()]
    kept = [record for record in records if not states or record["status"] in states]
    kept.sort(key=lambda record: -record.get("create_time", 0))
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", len(kept)))
    page = {
        "offset": offset,
        "limit": limit,
        "total": len(kept),
        "has_more": offset + limit < len(kept),
    }
    return web.json_response({"jobs": kept[offset : offset + limit], "pagination": page})


def waiting(queue: Queue) -> list[dict[str, Any]]:
    rows = queue.rows()
    states = {"queue_running": "in_progress", "queue_pending": "pending"}
    return [
        about(row, state) | {"outputs_count": 0}
        for part, state in states.items()
        for row in rows[part]
    ]


def about(row: list[Any], state: str) -> dict[str, Any]:
    number, name, _, extra, _ = row
    record = {"id": name, "status": state, "priority": number}
    return record | {key: extra[key] for key in ("create_time",) if key in extra}


def past(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    messages = dict(entry["status"]["messages"])
    record = about(entry["prompt"], state_of(entry, messages))
    shown = [(node, ui) for node, ui in entry["outputs"].items()]
    record["outputs_count"] = sum(len(items) for _, ui in shown for items in ui.values())
    if "execution_error" in messages:
        record["execution_error"] = messages["execution_error"]
    return record


def state_of(entry: dict[str, Any], messages: Mapping[str, Any]) -> str:
    if entry["status"]["status_str"] == "success":
        return "completed"
    return "cancelled" if "execution_interrupted" in messages else "failed"
