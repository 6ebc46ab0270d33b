from engine.comfy.prompt_plan import Graph
from engine.workflow.edit.parameters import Role, parameters
from tests.engine.workflow.local_graphs import node
from tests.engine.workflow.sheets import nodes

GRAPH: Graph = {
    "1": node("LoadImage", image="a.png"),
    "2": node("CheckpointLoaderSimple", ckpt_name="x.safetensors"),
    "3": node("LoraLoader", lora_name="tom", strength_model=0.5, model=("2", 0), clip=("2", 1)),
    "4": node("CLIPTextEncode", text="smile", clip=("3", 1)),
    "5": node("CLIPTextEncode", "No", text="blur", clip=("3", 1)),
    "6": node("InpaintModelConditioning", positive=("4", 0), negative=("5", 0), vae=("2", 2)),
    "7": node("KSampler", seed=7, steps=20, model=("3", 0), positive=("6", 0), negative=("6", 1)),
    "8": node("SAM3Grounding", confidence_threshold=0.2, text_prompt="dog", image=("1", 0)),
    "9": node("SaveImage", filename_prefix="x"),
}


def roles(graph: Graph) -> list[tuple[Role, str, str]]:
    return [(each.role, each.node, each.input) for each in parameters(graph, nodes())]


def test_what_people_change_comes_first():
    assert roles(GRAPH) == [
        (Role.IMAGE, "1", "image"),
        (Role.PROMPT, "4", "text"),
        (Role.NEGATIVE_PROMPT, "5", "text"),
        (Role.TEXT, "8", "text_prompt"),
        (Role.SEED, "7", "seed"),
        (Role.STEPS, "7", "steps"),
        (Role.CHECKPOINT, "2", "ckpt_name"),
        (Role.LORA, "3", "lora_name"),
        (Role.LORA_WEIGHT, "3", "strength_model"),
        (Role.THRESHOLD, "8", "confidence_threshold"),
        (Role.OTHER, "9", "filename_prefix"),
    ]


def test_a_field_has_all_that_it_needs():
    found = {each.input: each for each in parameters(GRAPH, nodes())}
    assert (found["steps"].low, found["steps"].high, found["steps"].type) == (1, 10000, "INT")
    assert found["lora_name"].folder == "loras"
    assert found["lora_name"].options == nodes().options("LoraLoader", "lora_name")
    assert (found["image"].folder, found["image"].value) == ("input", "a.png")
    assert [each.title for each in parameters(GRAPH, nodes())][2] == "No"


def test_a_text_that_goes_to_both_sides_is_neither():
    graph: Graph = {
        "4": node("CLIPTextEncode", text="a"),
        "5": node("ConditioningZeroOut", conditioning=("4", 0)),
        "7": node("KSampler", positive=("4", 0), negative=("5", 0)),
    }
    assert roles(graph) == [(Role.TEXT, "4", "text")]


def test_what_no_server_knows_has_no_fields():
    assert parameters({"1": node("Magic", text="a")}, nodes()) == ()
