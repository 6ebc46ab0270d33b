"""Steps that models do: finding, removing by choice, painting."""

from pathlib import Path

import pytest

from engine.errors import RecipeInvalid
from engine.geometry import Rect, Size
from engine.jobs.paint_settings import MAX_SEED, Lora, PaintDraft, StartFrom
from engine.jobs.requests import Exemplar
from engine.models.families import Family
from engine.recipes.recipe import load, parse
from engine.recipes.steps import FindStep, PaintStep, RemoveStep, SelectStep
from engine.selection.masks import CombineMode

FULL = """
lacuna: 1
steps:
  - find: {text: " plate with food ", threshold: 0.2, pick: [1, 3], mode: add}
  - find: {boxes: [[1, 2, 30, 40]], not: [["50%", 0, 10, 10]], pick: best}
  - remove: {engine: local, keep_selection: true, grow: 6}
  - paint:
      prompt: piece of meat
      avoid: watermark, text
      model: sd15
      loras: [{name: face.safetensors, weight: -0.5}, plain.safetensors]
      steps: 20
      guidance: 8
      sampler: uni_pc_bh2
      scheduler: normal
      strength: 0.75
      seed: 18446744073709551615
      start_from: removed
      grow: 6
      feather: 2
      context: 99
      variants: 3
      refine: false
output: {compare: true}
"""
FIND = "find: {text: a}"
SHIPPED = Path(__file__).resolve().parents[3] / "resources/recipes"


def test_every_field_arrives() -> None:
    recipe = parse(FULL.encode(), Path())
    text, boxes, remove, paint = recipe.steps
    assert text == FindStep(
        text="plate with food", threshold=0.2, pick=(1, 3), mode=CombineMode.ADD
    )
    assert isinstance(boxes, FindStep)
    assert [example.exemplar(Size(100, 80)) for example in boxes.examples] == [
        Exemplar(Rect(1, 2, 30, 40)), Exemplar(Rect(50, 0, 10, 10), False),
    ]  # fmt: skip
    assert (boxes.pick, boxes.threshold) == ("best", 0.5)
    assert remove == RemoveStep(engine="local", keep_selection=True, grow_px=6)
    assert paint == PaintStep(
        draft=PaintDraft().changed(
            prompt="piece of meat",
            negative_prompt="watermark, text",
            checkpoint="sd15",
            loras=(Lora("face.safetensors", -0.5), Lora("plain.safetensors", 1.0)),
            steps=20,
            guidance=8.0,
            sampler="uni_pc_bh2",
            scheduler="normal",
            strength=0.75,
            start_from=StartFrom.REMOVED,
            refine=False,
        ),
        seed=MAX_SEED,
        grow_px=6,
        feather_px=2,
        context_px=99,
        variants=3,
    )
    assert recipe.output.compare
    assert recipe.variants == 3


def test_what_is_left_open_is_the_familys() -> None:
    settings = PaintDraft().changed(prompt="x").completed(Family.SDXL)
    assert (settings.steps, settings.guidance, settings.sampler) == (25, 6.0, "euler")
    assert PaintDraft().changed(steps=3, guidance=1).completed(Family.SDXL).steps == 3
    assert PaintDraft().completed(Family.FLUX_FILL).guidance == 30.0
    assert PaintDraft().completed(Family.FLUX_FILL).scheduler == "simple"


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("find: {}", "step 1 (find)", "needs a text"),
        ("find: {not: [[1, 1, 2, 2]]}", "step 1 (find)", "needs a text"),
        ("find: {text: 3}", "step 1 (find), text", "must be a text"),
        ("find: {text: a, threshold: 2}", "step 1 (find), threshold", "0.05 to 1"),
        ("find: {text: a, pick: first}", "step 1 (find), pick", "all, best"),
        ("find: {text: a, pick: []}", "step 1 (find), pick", "all, best"),
        ("find: {text: a, pick: [0]}", "step 1 (find), pick", "1 to 100"),
        (f"{FIND}, remove: {{engine: cloud}}", "step 2 (remove), engine", "auto, builtin, local"),
        (f"{FIND}, paint: {{seed: 18446744073709551616}}", "step 2 (paint), seed", "to 18446"),
        (f"{FIND}, paint: {{seed: 1.5}}", "step 2 (paint), seed", "whole"),
        (f"{FIND}, paint: {{variants: 9}}", "step 2 (paint), variants", "1 to 8"),
        (f"{FIND}, paint: {{sampler: dpm_fast}}", "step 2 (paint), sampler", "uni_pc_bh2"),
        (f"{FIND}, paint: {{loras: [{{weight: 1}}]}}", "step 2 (paint), loras", "needs a name"),
        (f"{FIND}, paint: {{loras: [{{name: a, wait: 1}}]}}", "step 2 (paint), loras", "'wait'"),
        (f"{FIND}, remove: , paint: ", "step 3", "keep_selection"),
        (f"{FIND}, paint: , paint: ", "step 3", "nothing is selected"),
        (f"{FIND}, paint: {{variants: 2}}, {FIND}", "step 2", "last step"),
        ("paint: {}", "step 1", "nothing is selected"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(text: str, where: str, reason: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse(f"lacuna: 1\nsteps: [{text}]".encode(), Path())
    assert caught.value.where == where
    assert reason in caught.value.reason


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_recipes(path: Path) -> None:
    assert load(path).steps


def test_the_first_users_pipeline_is_as_it_stands() -> None:
    find, remove, paint = load(SHIPPED / "find-remove-paint.yaml").steps
    assert find == FindStep(text="plate with food", threshold=0.2)
    assert remove == RemoveStep(keep_selection=True)
    assert isinstance(paint, PaintStep)
    wanted = paint.draft.settings
    assert (wanted.prompt, wanted.negative_prompt) == ("piece of meat", "watermark, text")
    assert (wanted.sampler, wanted.scheduler, wanted.steps) == ("uni_pc_bh2", "normal", 20)
    assert (wanted.guidance, wanted.strength, paint.grow_px) == (8.0, 1.0, 6)


def test_selecting_may_name_an_engine() -> None:
    (step,) = parse(
        b"lacuna: 1\nsteps: [select: {points: [[1, 2]], engine: builtin}]", Path()
    ).steps
    assert isinstance(step, SelectStep)
    assert step.engine == "builtin"
