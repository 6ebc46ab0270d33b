"""How a server is, as far as is known."""

from dataclasses import dataclass
from enum import Enum

from app.engines.server_report import ServerReport
from engine.errors import EngineError


class ServerState(Enum):
    """How a server is, as far as is known."""

    OFF = "off"  # the user switched it off
    UNKNOWN = "unknown"
    ASKING = "asking"
    READY = "ready"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHealth:
    """What the last look at a server gave."""

    state: ServerState = ServerState.UNKNOWN
    report: ServerReport | None = None  # of the last time that it was ready
    error: EngineError | None = None  # when it is down
