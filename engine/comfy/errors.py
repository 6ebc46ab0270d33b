"""Expected errors of servers and workflows; the tree stands in `engine.errors`.

`server` is always the name that the user gave it. Messages are in app/text/errors.
"""

from pathlib import Path
from typing import NamedTuple

from engine.errors import EngineError


class ServerError(EngineError):
    """Something about one server."""


class ServerAddress(ServerError):
    """An address that cannot be used; `reason` is a code.

    format, scheme (neither http nor https), host, login (a password stands in it), plain (without
    encryption to a public address, which the user has not confirmed), header (its login has
    characters, or a name, that no header can carry).
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url, self.reason = url, reason


class ServerUnreachable(ServerError):
    """Nobody answers there, or somebody else; `reason` is a code.

    refused, name (no such host), timeout, dropped (the line broke), starting (the machine is up,
    ComfyUI is not yet), not_comfy, use_http, use_https (the other scheme is spoken there), old
    (before 0.3.45: it chooses its own ids), redirect (to another host), status.
    """

    def __init__(self, server: str, reason: str, detail: str = "") -> None:
        super().__init__(server, reason, detail)
        self.server, self.reason, self.detail = server, reason, detail


class ServerCertificate(ServerError):
    """Its certificate is not trusted; `reason` is a code. Nothing was sent.

    unknown (self-signed, or by an authority that is not known), name (for another host), expired,
    changed (not the one that was pinned), ca_file (the file named for it cannot be read).
    """

    def __init__(self, server: str, reason: str, fingerprint: str = "") -> None:
        super().__init__(server, reason, fingerprint)
        self.server, self.reason, self.fingerprint = server, reason, fingerprint  # sha256, aa:bb:..


class ServerDenied(ServerError):
    """401: a token is missing or wrong; 403: it does not let this in."""

    def __init__(self, server: str, status: int) -> None:
        super().__init__(server, status)
        self.server, self.status = server, status


class ServerTooLarge(ServerError):
    """It takes no requests of this size; 0 = not known."""

    def __init__(self, server: str, sent_mb: float, limit_mb: float = 0) -> None:
        super().__init__(server, sent_mb, limit_mb)
        self.server, self.sent_mb, self.limit_mb = server, sent_mb, limit_mb


class Lack(NamedTuple):
    """One thing that is missing there."""

    kind: str  # node, pack, or a folder of models: checkpoints, loras, ...
    name: str  # of the class or file
    get: str = ""  # what to install: the name of a node pack with its repository, a file with its


class ServerLacks(ServerError):
    """What a job needs and the server has not. `need` is a Capability's value, or workflow."""

    def __init__(self, server: str, need: str, lacks: tuple[Lack, ...]) -> None:
        super().__init__(server, need, lacks)
        self.server, self.need, self.lacks = server, need, lacks


class ServerRefused(ServerError):
    """It does not accept the graph: `node` is the class, `detail` what it says about it."""

    def __init__(self, server: str, node: str, detail: str, kind: str = "") -> None:
        super().__init__(server, node, detail, kind)
        self.server, self.node, self.detail, self.kind = server, node, detail, kind


class ServerFailed(ServerError):
    """A node failed; `kind` is a code: memory, upload (a corrupt picture), model, or ""."""

    def __init__(self, server: str, node: str, detail: str, kind: str = "") -> None:
        super().__init__(server, node, detail, kind)
        self.server, self.node, self.detail, self.kind = server, node, detail, kind


class ServerStopped(ServerError):
    """Somebody else stopped the job there."""

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self.server = server


class ServerLost(ServerError):
    """The job is neither queued nor running nor done there, also when it was sent again."""

    def __init__(self, server: str) -> None:
        super().__init__(server)
        self.server = server


class ServerBroken(ServerError):
    """What arrived is not what was announced; `reason` is a code.

    truncated, size (a picture of another size), gone (a result that is no longer there), format,
    empty (the job ended without a result), large (an answer without end).
    """

    def __init__(self, server: str, reason: str, detail: str = "") -> None:
        super().__init__(server, reason, detail)
        self.server, self.reason, self.detail = server, reason, detail


class WorkflowError(EngineError):
    """Something about one workflow."""


class WorkflowUnreadable(WorkflowError):
    """No workflow, or damaged; `reason` is a code.

    file (it cannot be read), format, damaged, large, none (a picture without one), empty, cycle,
    link (to a node or socket that is not there), widgets (values of another version of a node:
    `node` says which).
    """

    def __init__(self, path: Path | None, reason: str, node: str = "", detail: str = "") -> None:
        super().__init__(path, reason, node, detail)
        self.path, self.reason, self.node, self.detail = path, reason, node, detail


class Unsupported(NamedTuple):
    """One node that cannot be run."""

    node: str  # its id in the file
    type: str  # its class
    title: str  # what the user sees
    why: str = ""  # a code: "" (no such node here), subgraph, kind (of a model), link, value
    input: str = ""  # of value: which one


class WorkflowUnsupported(WorkflowError):
    """Holds nodes that cannot be run where it should be; nothing of it ran."""

    def __init__(self, path: Path | None, nodes: tuple[Unsupported, ...]) -> None:
        super().__init__(path, nodes)
        self.path, self.nodes = path, nodes


class Absent(NamedTuple):
    """A value that names something that is not there."""

    node: str
    title: str
    input: str  # name of the input
    value: str
    folder: str = ""  # checkpoints, loras, input...
    choices: tuple[str, ...] = ()  # what is there


class WorkflowIncomplete(WorkflowError):
    """Names files that are not there: map each to another one with --set, or in the window."""

    def __init__(self, path: Path | None, absent: tuple[Absent, ...]) -> None:
        super().__init__(path, absent)
        self.path, self.absent = path, absent


class WorkflowSetting(WorkflowError):
    """A --set, `KSampler.seed=5`, that cannot be followed; `reason` is a code.

    format (not NODE.INPUT=VALUE), node (none of this name; `allowed`: those there are), input (it
    has none of this name; `allowed`: those it has), several (`allowed`: which nodes, by their ids),
    value (`allowed`: the choices), range (`allowed`: the lowest and the highest, "" = none).
    """

    def __init__(self, setting: str, reason: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(setting, reason, allowed)
        self.setting, self.reason, self.allowed = setting, reason, allowed
