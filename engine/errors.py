"""Expected errors of the engine. Each is a type with data; app/text/errors/ has the words.

Exception
    EngineError                 anything that a user may meet; it pickles
        FileError                   one file
            ImageUnreadable             not a picture of an allowed format, or damaged
            ImageTooLarge               more than the limits allow
            ImageUnwritable             cannot be encoded or stored
            MaskInvalid                 a picture that cannot be taken for a mask
            DiskFull                    no room for it
            ProjectUnreadable           a project or journal that does not open
            ProjectTooLarge             a project over the limits, to be written or opened
            JournalUnwritable           edits are not on disk yet
            ModelError                  one model file
                ModelUnreadable             not a known layout, or damaged
                ModelUnsafe                 it may hold more than weights
                ModelWrongFamily            of another family than the task needs
                ModelCorrupt                its checksum differs
                ModelWrong                  its answers make no sense on this computer
                LoraMisfit                  it does not fit the base model
        NothingSelected             the mask is empty
        NothingFound                no object there
            NoSubject                   no part stands out from the rest
        PlaceOutside                a point or box beside the picture
        HoleTooLarge                the mask leaves too little around it
        CapabilityMissing           the backend cannot do such jobs
        RecipeInvalid               a recipe that cannot be run
        PresetInvalid               a preset that cannot be used
        BackendStopped              the engine's process ended during a job
        OutOfMemory                 it did not fit, also after all else was freed
        DeviceTooSmall              it will not fit, known before loading
        EngineMissing               the libraries for local models are not installed
        ModelMissing                no model for this job
        ServerMissing               no server for this job
        DownloadError               a model could not be fetched
            Offline                     the host cannot be reached
            Gated                       a token or the owner's consent is needed
            RemoteMissing               the file is gone
            RemoteBroken                it differs from what was announced
        ServerError                 one ComfyUI server (engine.comfy.errors)
            ServerAddress               the address cannot be used
            ServerUnreachable           no answer, or not a ComfyUI
            ServerCertificate           not the server that was expected
            ServerDenied                the token is missing or wrong
            ServerTooLarge              it takes no requests of this size
            ServerLacks                 it has not all nodes and models
            ServerRefused               it does not accept the graph
            ServerFailed                a node failed
            ServerStopped               the job was stopped there
            ServerLost                  the job is gone
            ServerBroken                its answers break the protocol
        WorkflowError               one workflow file (engine.comfy.errors)
            WorkflowUnreadable          not a workflow, or damaged
            WorkflowUnsupported         nodes that cannot be run
            WorkflowIncomplete          files or values that are missing
            WorkflowSetting             a --set that cannot be applied
        Bug                         anything unexpected, with its traceback
    Cancelled                   the user stopped the job: not an error
"""

from pathlib import Path


class EngineError(Exception):
    """Expected trouble; all arguments are passed on so that it pickles."""


class Cancelled(Exception):
    """The user stopped the job."""


class FileError(EngineError):
    """Something about one file."""


class ImageUnreadable(FileError):
    """No picture of an allowed format, or damaged; `reason` is a code of engine.image_io.reader."""

    def __init__(self, path: Path | None, reason: str, detail: str = "") -> None:
        super().__init__(path, reason, detail)
        self.path, self.reason, self.detail = path, reason, detail


class ImageTooLarge(FileError):
    """The header promises more than the limit; nothing was decoded."""

    def __init__(self, path: Path | None, what: str, found: int, limit: int) -> None:
        super().__init__(path, what, found, limit)
        self.path, self.what, self.found, self.limit = path, what, found, limit


class ImageUnwritable(FileError):
    """The file could not be written; what was there before is still there."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class MaskInvalid(FileError):
    """A picture whose meaning as a mask is not known, or that does not fit; `reason` is a code.

    size (`found` and `wanted` are sizes as text), empty, dim (`found`: brightest value), labels
    (`found`: how many), colours, missing (`wanted`: the picture that has none), outside.
    """

    def __init__(self, path: Path, reason: str, found: str = "", wanted: str = "") -> None:
        super().__init__(path, reason, found, wanted)
        self.path, self.reason, self.found, self.wanted = path, reason, found, wanted


class DiskFull(FileError):
    """No room for the file; what was there before is still there."""

    def __init__(self, path: Path, needed_mb: int, free_mb: int) -> None:
        super().__init__(path, needed_mb, free_mb)
        self.path, self.needed_mb, self.free_mb = path, needed_mb, free_mb


class ProjectUnreadable(FileError):
    """A `.lacuna` or journal that cannot be opened.

    `reason` is a code: missing, permission, newer, damaged; of a journal also changed (the
    picture is no longer what it belongs to) and busy (another window has it).
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class ProjectTooLarge(FileError):
    """A project that is over a limit: it is not written, or not opened.

    `what` is a code: members, directory, total, member, manifest, unpacked, items.
    """

    def __init__(
        self, path: Path, what: str, found: int, limit: int, is_written: bool = False
    ) -> None:
        super().__init__(path, what, found, limit, is_written)
        self.path, self.what, self.found, self.limit = path, what, found, limit
        self.is_written = is_written


class JournalUnwritable(FileError):
    """Edits are not on disk yet; they are kept, and tried again.

    `reason` is full, memory, or one of ImageUnwritable.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason


class NothingSelected(EngineError):
    """The verb needs a mask and none is marked."""


class NothingFound(EngineError):
    """The click or box led to no object."""


class NoSubject(NothingFound):
    """No part of the picture stands out from the rest."""


class PlaceOutside(EngineError):
    """A point or box in pixels that lies outside the picture; both as text."""

    def __init__(self, place: str, size: str) -> None:
        super().__init__(place, size)
        self.place, self.size = place, size


class HoleTooLarge(EngineError):
    """The mask leaves too little of the picture to fill from."""

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.share = share


class CapabilityMissing(EngineError):
    """The backend cannot do this kind of job."""

    def __init__(self, backend: str, capability: str) -> None:
        super().__init__(backend, capability)
        self.backend, self.capability = backend, capability


class RecipeInvalid(EngineError):
    """A recipe that cannot be run; `where` names the step, `reason` says what is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where, self.reason = where, reason


class PresetInvalid(EngineError):
    """A preset that cannot be used; `reason` is a code, `key` the setting it is about.

    format, newer (version), size, access, name, unknown (key), type, range, long, choice.
    """

    def __init__(self, name: str, reason: str, key: str = "") -> None:
        super().__init__(name, reason, key)
        self.name, self.reason, self.key = name, reason, key


class BackendStopped(EngineError):
    """The engine ended while a job was under way.

    `reason` is a code: killed (by the system, most likely for memory), deaf (it said nothing for a
    minute), freed (its memory was wanted back); or what is known of a crash.
    """

    def __init__(self, backend: str, reason: str) -> None:
        super().__init__(backend, reason)
        self.backend, self.reason = backend, reason


class OutOfMemory(EngineError):
    """The job did not fit, also after everything else was freed; 0 = not known."""

    def __init__(self, needed_mb: int, free_mb: int) -> None:
        super().__init__(needed_mb, free_mb)
        self.needed_mb, self.free_mb = needed_mb, free_mb


class EngineMissing(EngineError):
    """The libraries that run local models are not installed; `reason` is a code.

    absent: not installed; broken: they are there and do not load, `detail` says why.
    """

    def __init__(self, reason: str = "absent", detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class ModelMissing(EngineError):
    """No model at hand can do this; `need` is a Kind's value, `name` what was asked for."""

    def __init__(self, need: str, name: str = "") -> None:
        super().__init__(need, name)
        self.need, self.name = need, name


class ServerMissing(EngineError):
    """No server is set up that could do this; `need` is a Capability's value."""

    def __init__(self, need: str) -> None:
        super().__init__(need)
        self.need = need


class ModelError(FileError):
    """Something about one model file."""


class ModelUnreadable(ModelError):
    """No model of a known layout, or damaged.

    `reason` is a code: format, damaged, missing, keys (tensors are missing or strange), unknown
    (tensors that nothing uses and that may change the others), nan (numbers that are not finite),
    partial (networks are missing), quantised (a format that is not unpacked), library (an error of
    the libraries), device (weights that run on NVIDIA cards alone), ema, or the name of a network
    that is not used: schnell, chroma... (`engine.models.recognition`). `detail` has the names of
    tensors, networks and formats.
    """

    def __init__(self, path: Path, reason: str, detail: str = "") -> None:
        super().__init__(path, reason, detail)
        self.path, self.reason, self.detail = path, reason, detail


class ModelUnsafe(ModelError):
    """The file may hold more than weights, and was not loaded.

    `reason` is a code: pickle (asks for code), old (a bare pickle, as torch wrote it before 2020),
    bomb (unpacks to far more than it is), torchscript,
    header (of safetensors: too long, overlaps, past the end...), limit.
    """

    def __init__(self, path: Path, reason: str, detail: str = "") -> None:
        super().__init__(path, reason, detail)
        self.path, self.reason, self.detail = path, reason, detail


class ModelWrongFamily(ModelError):
    """A usable file of another family than the task wants; families are Family values."""

    def __init__(self, path: Path, found: str, wanted: str) -> None:
        super().__init__(path, found, wanted)
        self.path, self.found, self.wanted = path, found, wanted


class ModelCorrupt(ModelError):
    """The file's checksum is another one than it should be."""

    def __init__(self, path: Path, expected: str, found: str) -> None:
        super().__init__(path, expected, found)
        self.path, self.expected, self.found = path, expected, found


class ModelWrong(ModelError):
    """The model failed its self-check on this computer; `check` is a code of Verdict.why."""

    def __init__(self, path: Path, check: str) -> None:
        super().__init__(path, check)
        self.path, self.check = path, check


class LoraMisfit(ModelError):
    """Nothing, or too little, of a LoRA fits the base model; nothing of it was loaded.

    `reason` is a code: family (made for `found`, the base is `wanted`), keys (0 of `total` match),
    kind (LoHa, LoKr...), damaged.
    """

    def __init__(
        self, path: Path, reason: str, found: str = "", wanted: str = "", total: int = 0
    ) -> None:
        super().__init__(path, reason, found, wanted, total)
        self.path, self.reason, self.found = path, reason, found
        self.wanted, self.total = wanted, total


class DeviceTooSmall(EngineError):
    """The plan says that this will not fit, before anything was loaded.

    `options` are codes of what would help: smaller, quantised, server, free.
    """

    def __init__(self, needed_mb: int, free_mb: int, options: tuple[str, ...] = ()) -> None:
        super().__init__(needed_mb, free_mb, options)
        self.needed_mb, self.free_mb, self.options = needed_mb, free_mb, options


class DownloadError(EngineError):
    """A model could not be fetched; what has arrived is kept, and goes on next time."""


class Offline(DownloadError):
    """The server could not be reached."""

    def __init__(self, host: str, detail: str = "") -> None:
        super().__init__(host, detail)
        self.host, self.detail = host, detail


class Gated(DownloadError):
    """The model's owner wants to be asked; `status` 401: no token, 403: not accepted yet."""

    def __init__(self, repo: str, status: int, page: str) -> None:
        super().__init__(repo, status, page)
        self.repo, self.status, self.page = repo, status, page


class RemoteMissing(DownloadError):
    """The server does not have this file any more."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class RemoteBroken(DownloadError):
    """The server sends something else than was announced; `reason` is a code.

    size, checksum, redirect, status, stalled.
    """

    def __init__(self, url: str, reason: str, expected: str = "", found: str = "") -> None:
        super().__init__(url, reason, expected, found)
        self.url, self.reason, self.expected, self.found = url, reason, expected, found


class Bug(EngineError):
    """Trouble nobody expected, with its traceback as text: it stands in the log too."""

    def __init__(self, summary: str, traceback: str) -> None:
        super().__init__(summary, traceback)
        self.summary, self.traceback = summary, traceback
