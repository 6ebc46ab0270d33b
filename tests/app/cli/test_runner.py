"""The engines of a command, where servers are wanted: what is said when there is no way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engines.runner import InlineRunner
from app.engines.server_pool import ServerPool
from engine.comfy.errors import ServerUnreachable
from engine.comfy.server.address import Server
from engine.comfy.server.logins import server_tokens
from engine.dispatch.choice import AUTO, SERVER, EngineState
from engine.errors import EngineError, ModelMissing
from engine.jobs.backend import Capability
from tests.engine.comfy.stand_in.server import StandIn

THERE, NOWHERE = "sd-v1-5-inpainting.safetensors", "nowhere.safetensors"


@contextmanager
def runner_of(url: str, folder: Path) -> Iterator[InlineRunner]:
    """With nothing here, and one server."""
    servers = [Server(name="desk", url=url)]
    runner = InlineRunner(
        servers=lambda: ServerPool(servers, server_tokens("lacuna-test"), folder),
        state=EngineState(trouble="absent"),
    )
    yield runner
    runner.close()


def trouble(runner: InlineRunner, wanted: str, model: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        runner.run(Capability.INPAINT, lambda _: None, wanted=wanted, model=model)
    return caught.value


def test_a_model_of_a_server_that_is_down_is_not_missing(tmp_path: Path) -> None:
    with StandIn() as server:
        url = server.url
    with runner_of(url, tmp_path) as runner:
        assert isinstance(trouble(runner, SERVER, THERE), ServerUnreachable)


def test_a_model_that_the_server_lacks_is_named(tmp_path: Path) -> None:
    with StandIn() as server, runner_of(server.url, tmp_path) as runner:
        error = trouble(runner, SERVER, NOWHERE)
        assert isinstance(error, ModelMissing)
        assert NOWHERE in error.args
        for wanted in (AUTO, SERVER):
            assigned = runner.run(
                Capability.INPAINT, lambda assigned: assigned, wanted=wanted, model=THERE
            )
            assert assigned.choice.backend == SERVER
