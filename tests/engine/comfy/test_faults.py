"""Everything that servers and the way to them are known to do wrong: a named end, and soon."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.comfy.errors import (
    ServerBroken,
    ServerDenied,
    ServerError,
    ServerFailed,
    ServerLost,
    ServerRefused,
    ServerStopped,
    ServerTooLarge,
    ServerUnreachable,
)
from engine.comfy.jobs.job_store import RemoteState
from engine.comfy.jobs.remote_job import RemoteJob
from engine.comfy.prompt_plan import Plan, PlanOutputs
from tests.engine.comfy.job_fixtures import (
    JobThread,
    RecordingJob,
    connected,
    kept,
    node,
    painting,
    removal,
    site_of,
)
from tests.engine.comfy.stand_in.faults import (
    BAD_MODEL,
    INTERRUPTED,
    ORDINARY,
    OUT_OF_MEMORY,
    UNIDENTIFIED,
    answered,
    cut_in_body,
    denied,
    dropped,
    dropped_when_reused,
    lost_answer,
    node_errors,
    not_comfy,
    redirected,
    starting,
    too_large,
    wants_https,
)
from tests.engine.comfy.stand_in.server import StandIn

GONE_S = 0.4
REMOVAL = removal()
SoBreak = Callable[[StandIn], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong, and what the user is told of it."""

    does: SoBreak
    ends: type[ServerError] | None  # None: it goes well all the same
    says: dict[str, object] | None = None  # fields of the error
    plan: Plan = REMOVAL
    stays: bool = False  # the prompt may go on there: it is remembered
    version: str = "0.33.0"


def always(path: str, action: object, method: str = "") -> SoBreak:
    return lambda server: server.faults.on(path, action, times=None, method=method)


def once(path: str, action: object, method: str = "", times: int = 1) -> SoBreak:
    return lambda server: server.faults.on(path, action, times=times, method=method)


def deaf(then: SoBreak) -> SoBreak:
    def does(server: StandIn) -> None:
        server.faults.on("/ws", denied(404), times=None)
        then(server)

    return does


def in_node(kind: str, action: object) -> SoBreak:
    return lambda server: server.faults.on_node(kind, action)


def truncate_uploads(server: StandIn) -> None:
    server.faults.truncates_uploads = True


def with_node(plan: Plan, name: str, class_type: str, **inputs: object) -> Plan:
    return replace(plan, graph={**plan.graph, name: node(class_type, **inputs)})


NO_SUCH_NODE = with_node(removal(), "lama", "NoSuchNode", images=["image", 0])
NO_SUCH_MODEL = with_node(painting(), "model", "CheckpointLoaderSimple", ckpt_name="no.safetensors")
PARTLY = {"lama": {"class_type": "LamaRemover", "errors": [{"type": "t", "message": "no"}]}}
SPOILT = answered(200, "{", "application/json")

TROUBLES = {
    "down": Trouble(does=StandIn.kill, ends=ServerUnreachable, says={"reason": "refused"}),
    "dies": Trouble(
        does=lambda server: server.faults.on_node("LamaRemover", server.die),
        ends=ServerUnreachable,
        says={"reason": "refused"},
        stays=True,
    ),
    "restarts": Trouble(
        does=lambda server: server.faults.on_node("LamaRemover", server.restart_soon), ends=None
    ),
    "restarts again and again": Trouble(
        does=lambda server: server.faults.on_node("LamaRemover", server.restart_soon, times=None),
        ends=ServerLost,
    ),
    "another page": Trouble(
        does=always("/prompt", not_comfy()),
        ends=ServerUnreachable,
        says={"reason": "not_comfy"},
        stays=True,
    ),
    "another page meanwhile": Trouble(does=deaf(once("/jobs", not_comfy(), times=2)), ends=None),
    "spoilt answers meanwhile": Trouble(does=deaf(once("/jobs", SPOILT, times=2)), ends=None),
    "spoilt history": Trouble(
        does=deaf(once("/history", SPOILT, times=2)), ends=None, version="0.3.64"
    ),
    "an error page meanwhile": Trouble(does=deaf(once("/jobs", answered(500))), ends=None),
    "https": Trouble(
        does=always("/prompt", wants_https()),
        ends=ServerUnreachable,
        says={"reason": "use_https"},
        stays=True,
    ),
    "redirect": Trouble(
        does=always("/prompt", redirected("http://127.0.0.2:9/prompt")),
        ends=ServerUnreachable,
        says={"reason": "redirect"},
        stays=True,
    ),
    "a page of the hotel": Trouble(
        does=deaf(once("/jobs", redirected("http://127.0.0.2:9/login"))), ends=None
    ),
    "no token": Trouble(
        does=always("/prompt", denied()), ends=ServerDenied, says={"status": 401}, stays=True
    ),
    "not let in": Trouble(
        does=always("/prompt", denied(403)), ends=ServerDenied, says={"status": 403}, stays=True
    ),
    "no token meanwhile": Trouble(
        does=deaf(always("/jobs", denied())), ends=ServerDenied, stays=True
    ),
    "starting": Trouble(
        does=always("/prompt", starting()),
        ends=ServerUnreachable,
        says={"reason": "starting"},
        stays=True,
    ),
    "starting, it says 200": Trouble(does=once("/prompt", starting(200), times=2), ends=None),
    "idle connections are cut": Trouble(does=always("/", dropped_when_reused()), ends=None),
    "the prompt is cut": Trouble(does=once("/prompt", dropped(), "POST"), ends=None),
    "the answer is cut": Trouble(does=once("/prompt", lost_answer(), "POST"), ends=None),
    "large picture": Trouble(does=always("/upload/image", too_large()), ends=ServerTooLarge),
    "large graph": Trouble(does=always("/prompt", too_large()), ends=ServerTooLarge),
    "no sockets": Trouble(does=deaf(lambda _: None), ends=None),
    "no sockets, old": Trouble(does=deaf(lambda _: None), ends=None, version="0.3.64"),
    "no such node": Trouble(
        does=lambda _: None,
        ends=ServerRefused,
        says={"kind": "missing_node_type", "node": "NoSuchNode"},
        plan=NO_SUCH_NODE,
    ),
    "no such node, old": Trouble(
        does=lambda _: None,
        ends=ServerRefused,
        says={"kind": "invalid_prompt"},
        plan=NO_SUCH_NODE,
        version="0.11.1",
    ),
    "no such model": Trouble(
        does=lambda _: None,
        ends=ServerRefused,
        says={"kind": "value_not_in_list", "node": "CheckpointLoaderSimple"},
        plan=NO_SUCH_MODEL,
    ),
    "taken in part": Trouble(
        does=once("/prompt", node_errors(PARTLY), "POST"),
        ends=ServerRefused,
        says={"node": "LamaRemover", "detail": "no"},
    ),
    "a node fails": Trouble(
        does=in_node("LamaRemover", ORDINARY),
        ends=ServerFailed,
        says={"node": "LamaRemover", "kind": ""},
    ),
    "a node fails, unheard": Trouble(
        does=deaf(in_node("LamaRemover", ORDINARY)),
        ends=ServerFailed,
        says={"node": "LamaRemover", "kind": ""},
    ),
    "a node fails, unheard, old": Trouble(
        does=deaf(in_node("LamaRemover", ORDINARY)),
        ends=ServerFailed,
        says={"node": "LamaRemover", "kind": ""},
        version="0.3.64",
    ),
    "out of memory": Trouble(
        does=in_node("KSampler", OUT_OF_MEMORY),
        ends=ServerFailed,
        says={"node": "KSampler", "kind": "memory"},
        plan=painting(),
    ),
    "corrupt upload": Trouble(
        does=in_node("LoadImage", UNIDENTIFIED), ends=ServerFailed, says={"kind": "upload"}
    ),
    "corrupt model": Trouble(
        does=in_node("CheckpointLoaderSimple", BAD_MODEL),
        ends=ServerFailed,
        says={"kind": "model"},
        plan=painting(),
    ),
    "stopped by others": Trouble(does=in_node("LamaRemover", INTERRUPTED), ends=ServerStopped),
    "stopped, unheard": Trouble(does=deaf(in_node("LamaRemover", INTERRUPTED)), ends=ServerStopped),
    "uploads arrive in part": Trouble(
        does=truncate_uploads, ends=ServerBroken, says={"reason": "truncated"}
    ),
    "a result arrives in part": Trouble(does=once("/view", cut_in_body(), "GET"), ends=None),
    "too old": Trouble(
        does=lambda _: None, ends=ServerUnreachable, says={"reason": "old"}, version="0.3.44"
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_every_trouble_has_its_end(name: str, tmp_path: Path) -> None:
    trouble = TROUBLES[name]
    with StandIn(version=trouble.version) as server, site_of(server, tmp_path) as site:
        job = RemoteJob(site, trouble.plan, RecordingJob(), gone_s=GONE_S)
        trouble.does(server)
        end = JobThread(job.run).end()
        if trouble.ends is None:
            assert isinstance(end, PlanOutputs)
            assert job.state is RemoteState.DONE
        else:
            assert type(end) is trouble.ends
            says = trouble.says or {}
            assert {field: getattr(end, field) for field in says} == says
            assert job.state is (
                RemoteState.LOST if trouble.ends is ServerLost else RemoteState.FAILED
            )
        assert len(kept(tmp_path)) == trouble.stays


def test_what_was_taken_in_part_is_stopped(tmp_path: Path) -> None:
    with StandIn() as server, connected(server, tmp_path) as connection:
        server.pause("start")
        server.queue_foreign()
        server.wait_held()
        server.faults.on("/prompt", node_errors(PARTLY), method="POST")
        with pytest.raises(ServerRefused):
            connection.run(removal(), RecordingJob(), gone_s=GONE_S)
        assert len(server.queue.rows()["queue_pending"]) == 0


def test_nothing_stays_on_a_server_that_is_too_old(tmp_path: Path) -> None:
    with StandIn(version="0.3.44") as server, connected(server, tmp_path) as connection:
        server.pause("start")
        server.queue_foreign()
        server.wait_held()
        with pytest.raises(ServerUnreachable):
            connection.run(removal(), RecordingJob(), gone_s=GONE_S)
        assert len(server.queue.rows()["queue_pending"]) == 0
        assert not server.calls("POST", "/interrupt")  # it would stop theirs


@pytest.mark.parametrize(
    ("action", "error", "fields"),
    [
        (not_comfy(), ServerUnreachable, {"reason": "not_comfy"}),
        (answered(404), ServerUnreachable, {"reason": "status"}),
        (answered(200, "{}", "application/json"), ServerUnreachable, {"reason": "not_comfy"}),
        (answered(200, "[]", "application/json"), ServerUnreachable, {"reason": "not_comfy"}),
        (starting(), ServerUnreachable, {"reason": "starting"}),
        (starting(200), ServerUnreachable, {"reason": "starting"}),
        (denied(), ServerDenied, {"status": 401}),
        (wants_https(), ServerUnreachable, {"reason": "use_https"}),
    ],
)
def test_a_server_that_is_met_in_trouble(
    action: object, error: type[ServerError], fields: dict[str, object], tmp_path: Path
) -> None:
    with StandIn() as server, connected(server, tmp_path) as connection:
        assert connection.health.error is None
        server.faults.on("/system_stats", action)
        with pytest.raises(error) as caught:
            connection.probe(lambda: None)
        assert {field: getattr(caught.value, field) for field in fields} == fields
        assert connection.health.error is caught.value
        assert connection.health.snapshot is not None  # what was known is still known
        connection.probe(lambda: None)
        assert connection.health.error is None


def test_an_answer_that_says_strange_things_is_survived(tmp_path: Path) -> None:
    strange = answered(
        200, '{"system": {"comfyui_version": 1.5}, "devices": 3}', "application/json"
    )
    with StandIn() as server, connected(server, tmp_path) as connection:
        for path in ("/features", "/models", "/jobs"):
            server.faults.on(path, answered(200, "[[1], 2]", "application/json"), times=None)
        server.faults.on("/system_stats", strange)
        snapshot = connection.probe(lambda: None)
    assert (snapshot.version, snapshot.device.kind, snapshot.device.total_mb) == ("1.5", "cpu", 0)
    assert (snapshot.has_jobs, snapshot.max_upload_bytes) == (False, 0)
