"""The engine's process of the packaged program, which starts itself."""

import sys

import pytest

from app import __main__ as app_main
from engine.local.process.client import HOST_OPTION, LIGHT_EXECUTOR, ProcessClient, light_client
from tests.engine.local.test_process import FAKE, ask


def test_the_packaged_program_becomes_the_process_before_it_imports_qt() -> None:
    program = (sys.executable, "-m", "app", HOST_OPTION)
    ours = ProcessClient(program, FAKE)
    assert ask(ours, "imported", "PySide6") is False
    assert ask(ours, "pid") == ours.pid
    ours.close()
    assert HOST_OPTION == app_main.HOST_OPTION


@pytest.mark.parametrize("frozen", [True, False])
def test_light_models_need_no_other_python(frozen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    command = light_client().command
    assert command[0] == sys.executable
    assert (command[1] == HOST_OPTION) is frozen
    assert command[-2:] == ("--executor", LIGHT_EXECUTOR)
