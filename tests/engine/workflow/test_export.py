"""A job as a workflow: opened again it is the same graph, and a server takes it."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine import tasks
from engine.comfy.prompt_plan import Graph
from engine.errors import ModelMissing
from engine.geometry import Rect
from engine.inpaint.crops import RemoveOptions
from engine.jobs.paint_settings import Lora, PaintSettings, StartFrom
from engine.jobs.requests import Exemplar, FindRequest, InpaintRequest
from engine.models.families import Family
from engine.models.model_file import Installed
from engine.workflow.edit.sources import with_sources
from engine.workflow.export import NODES, ExportedFiles, export_request
from engine.workflow.format.reader import read_workflow
from engine.workflow.format.to_api import to_api
from tests.support.models_at_hand import lora, model
from tests.support.scripted import Quiet

JOB = Quiet()
FOUND = Installed(
    models=(model(Family.SD15_INPAINT), model(Family.SDXL), model(Family.FLUX_FILL), lora())
)


def view() -> np.ndarray:
    return np.random.default_rng(2).integers(60, 90, (300, 400, 3), np.uint8)


def mask() -> np.ndarray:
    mask = np.zeros((300, 400), np.uint8)
    mask[100:160, 150:220] = 255
    return mask


def painting(**settings: object) -> InpaintRequest:
    wanted = replace(PaintSettings(prompt="piece of meat", steps=7), **settings)
    return tasks.plan_inpaint(view(), mask(), RemoveOptions(grow_px=4), wanted, seed=77)


def opened(done: ExportedFiles) -> dict[str, dict[str, object]]:
    """Both files hold the same graph."""
    api, ui = read_workflow(done.api), to_api(read_workflow(done.ui), NODES).graph
    plain = {id_: {k: v for k, v in node.items() if k != "_meta"} for id_, node in ui.items()}
    assert plain == api
    return api


@pytest.mark.parametrize("family", [Family.SD15_INPAINT, Family.SDXL, Family.FLUX_FILL])
def test_a_painting_opens_as_it_was(family: Family) -> None:
    name = model(family).name
    loras = (Lora(lora().name, 0.7),) if family is Family.SD15_INPAINT else ()
    done = export_request(painting(checkpoint=name, loras=loras), FOUND, JOB, stem="photo")
    graph = opened(done)
    samplers = [node["inputs"] for node in graph.values() if node["class_type"] == "KSampler"]
    assert (samplers[0]["seed"], samplers[0]["steps"]) == (77, 7)
    read_ = {
        node["inputs"]["image"] for node in graph.values() if node["class_type"] in
        ("LoadImage", "LoadImageMask")
    }  # fmt: skip
    assert read_ == set(done.pictures)
    assert all(each.startswith("photo-") for each in done.pictures)
    for content in done.pictures.values():
        assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) is not None
    assert any(node["class_type"] == "SaveImage" for node in graph.values())


def test_every_start_can_be_exported() -> None:
    for start in StartFrom:
        opened(export_request(painting(start_from=start), FOUND, JOB, stem="p"))


def test_a_removal_and_a_search_open_too() -> None:
    removal = tasks.plan_remove(view(), mask(), RemoveOptions(grow_px=4))
    graph = opened(export_request(removal, FOUND, JOB, stem="p"))
    assert any(node["class_type"] == "LamaRemover" for node in graph.values())
    search = FindRequest(
        image=view(), key="", prompt="plate", exemplars=(Exemplar(Rect(5, 5, 30, 30)),)
    )
    done = export_request(search, FOUND, JOB, stem="p")
    assert any("SAM3" in node["class_type"] for node in read_workflow(done.api).values())


def test_others_find_the_packs_and_the_files() -> None:
    removal = tasks.plan_remove(view(), mask(), RemoveOptions(grow_px=4))
    boxes = json.loads(export_request(removal, FOUND, JOB, stem="p").ui)["nodes"]
    packs = {each["type"]: each["properties"]["cnr_id"] for each in boxes}
    assert packs["LamaRemover"] == "comfyui-lama-remover"
    assert packs["LoadImage"] == "comfy-core"
    assert not any("models" in each["properties"] for each in boxes)


def test_a_file_has_the_address_that_the_catalog_has_of_it() -> None:
    graph: Graph = {
        "1": {"class_type": "VAELoader", "inputs": {"vae_name": "flux\\ae.safetensors"}},
        "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "mine.safetensors"}},
        "3": {"class_type": "Unknown", "inputs": {}},
    }
    drawing = {"nodes": [{"id": int(id_), "properties": {"x": 1}} for id_ in graph]}
    known, own, unknown = with_sources(drawing, graph, NODES)["nodes"]
    (found,) = known["properties"]["models"]
    assert (found["name"], found["directory"]) == ("ae.safetensors", "vae")
    assert found["url"].startswith("https://huggingface.co/black-forest-labs/FLUX.1-schnell/")
    assert found["url"].endswith("/ae.safetensors")
    assert own["properties"] == {"x": 1, "cnr_id": "comfy-core"}
    assert unknown["properties"] == {"x": 1}


def test_a_model_that_is_nowhere_is_said() -> None:
    with pytest.raises(ModelMissing):
        export_request(painting(checkpoint="nowhere"), FOUND, JOB, stem="p")


def test_the_files_hold_no_path() -> None:
    done = export_request(painting(loras=(Lora(lora().name),)), FOUND, JOB, stem="p")
    assert b"/models" not in done.api + done.ui
    assert json.loads(done.ui)["version"] == 0.4
    classes = {node["class_type"] for node in read_workflow(done.api).values()}
    assert classes <= set(NODES)
    assert "KSampler" in classes
