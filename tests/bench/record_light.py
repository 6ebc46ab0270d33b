"""Records what light models answer to the sample of their self-check, for who has true weights.

python -m tests.bench.record_light [--into FOLDER]

Each model of this user that runs without torch is asked: torch, where it is installed and has the
network, else the light engine itself. The answers (a few kB each, by the checksum of the weights)
go to `resources/answers`, and from then on decide the self-check of these weights alone.
"""

import argparse
from pathlib import Path

import numpy as np

from app.engines.factories import sample
from app.engines.runner import find_models
from engine.dispatch.choice import libraries
from engine.jobs.operations import Perform
from engine.local.checks import answers
from engine.local.checks.answers import RecordedAnswer
from engine.local.checks.self_check import SelfCheck
from engine.local.process.client import ProcessClient, light_client
from engine.models.families import LIGHT, TORCH, Kind
from engine.models.model_file import ModelFile
from engine.models.verdicts import light_runtime
from tests.bench.quality_remove import NoJob


def record(model: ModelFile, ask: Perform, source: str, folder: Path) -> Path:
    """Ask and keep; returns the file."""
    check, job = SelfCheck(ask=ask, runtime=source, sample=sample()), NoJob()
    if model.kind is Kind.SEGMENTER:
        values = check.masks(ask, model, job)[0]
    else:
        values = check.tile(ask, model, job)
    sha256 = answers.checksum(model, job)
    return answers.write(folder, sha256, RecordedAnswer(np.asarray(values), source))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.record_light")
    parser.add_argument("--into", type=Path, default=answers.shipped(), metavar="FOLDER")
    folder = parser.parse_args().into
    torch = None if libraries() else ProcessClient()
    light = light_client()
    try:
        for model in find_models().on(LIGHT).models:
            if model.problem:
                continue
            has_torch = torch is not None and TORCH in model.runs_on
            ask = torch if torch is not None and has_torch else light
            source = "torch" if has_torch else light_runtime()
            print(f"{model.title}: {record(model, ask, source, folder)} ({source})")
    finally:
        for client in (torch, light):
            if client is not None:
                client.close()


if __name__ == "__main__":
    main()
