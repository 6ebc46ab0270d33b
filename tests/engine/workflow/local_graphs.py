"""Graphs in the server's form, as small as what they show."""

from typing import Any

from engine.comfy.prompt_plan import Graph, Node

CHECKPOINT = "sd15-inpaint.safetensors"


def node(kind: str, title: str = "", /, **inputs: Any) -> Node:
    """A tuple is a link."""
    given = {name: list(v) if isinstance(v, tuple) else v for name, v in inputs.items()}
    found: Node = {"class_type": kind, "inputs": given}
    return found | {"_meta": {"title": title}} if title else found


def removal(**inputs: Any) -> Graph:
    """A photo, a mask from a file, LaMa, a result."""
    given: dict[str, Any] = {
        "images": ("1", 0), "masks": ("2", 0), "mask_threshold": 250, "gaussblur_radius": 8,
        "invert_mask": False,
    }  # fmt: skip
    return {
        "1": node("LoadImage", image="photo.png"),
        "2": node("LoadImageMask", image="mask.png", channel="red"),
        "3": node("LamaRemover", **(given | inputs)),
        "4": node("SaveImage", images=("3", 0), filename_prefix="ComfyUI"),
    }


def models(checkpoint: str = CHECKPOINT) -> Graph:
    return {
        "10": node("CheckpointLoaderSimple", "Load Checkpoint", ckpt_name=checkpoint),
        "11": node("CLIPTextEncode", "Positive", clip=("10", 1), text="piece of meat"),
        "12": node("CLIPTextEncode", "Negative", clip=("10", 1), text="watermark, text"),
    }


def sampler(latent: tuple[str, int], **inputs: Any) -> Node:
    given: dict[str, Any] = {
        "model": ("10", 0), "positive": ("11", 0), "negative": ("12", 0), "seed": 2**63 + 5,
        "steps": 7, "cfg": 8.0, "sampler_name": "uni_pc_bh2", "scheduler": "normal",
        "denoise": 1.0,
    }  # fmt: skip
    return node("KSampler", "", latent_image=latent, **(given | inputs))


def painting(**inputs: Any) -> Graph:
    """A photo and a mask, painted as the first user does."""
    return removal() | models() | {
        "20": node(
            "VAEEncodeForInpaint", pixels=("1", 0), vae=("10", 2), mask=("2", 0), grow_mask_by=6
        ),
        "21": sampler(("20", 0), **inputs),
        "22": node("VAEDecode", samples=("21", 0), vae=("10", 2)),
        "4": node("SaveImage", images=("22", 0), filename_prefix="ComfyUI"),
    }  # fmt: skip


def pipeline() -> Graph:
    """Find, unite, remove, paint, compare: what the first user's workflows do."""
    graph = painting()
    del graph["2"]
    graph["20"]["inputs"] |= {"pixels": ["3", 0], "mask": ["7", 0]}
    graph["3"]["inputs"]["masks"] = ["7", 0]
    return graph | {
        "5": node("LoadSAM3Model", precision="auto", compile=False),
        "6": node(
            "SAM3Grounding", sam3_model_config=("5", 0), image=("1", 0),
            confidence_threshold=0.3, text_prompt="plate with food", max_detections=-1,
        ),
        "7": node("Masks Combine Batch", masks=("6", 0)),
        "8": node("SaveImage", "Removed", images=("3", 0), filename_prefix="ComfyUI"),
        "9": node("PreviewImage", images=("6", 1)),
        "30": node("MaskToImage", mask=("7", 0)),
        "31": node("PreviewImage", "The mask", images=("30", 0)),
        "32": node("Image Comparer (rgthree)", "All", image_a=("1", 0), image_b=("22", 0)),
        "33": node("Image Comparer (rgthree)", "Painting", image_a=("3", 0), image_b=("22", 0)),
    }  # fmt: skip


def drawn(control: str | bool) -> dict[str, Any]:
    """A removal and a painting as ComfyUI's window saves them."""

    def box(id: int, type: str, inputs: list[Any], outputs: list[str], values: list[Any]) -> Any:
        return {
            "id": id, "type": type, "mode": 0, "widgets_values": values,
            "inputs": [{"name": name, "type": kind, "link": link} for name, kind, link in inputs],
            "outputs": [{"name": kind, "type": kind, "links": []} for kind in outputs],
        }  # fmt: skip

    return {
        "version": 0.4,
        "nodes": [
            box(1, "LoadImage", [], ["IMAGE", "MASK"], ["photo.png", "image"]),
            box(2, "LoadImageMask", [], ["MASK"], ["mask.png", "red", "image"]),
            box(3, "CheckpointLoaderSimple", [], ["MODEL", "CLIP", "VAE"],
                ["sd15-inpaint.safetensors"]),
            box(4, "CLIPTextEncode", [("clip", "CLIP", 1)], ["CONDITIONING"], ["a hat"]),
            box(5, "CLIPTextEncode", [("clip", "CLIP", 2)], ["CONDITIONING"], ["text"]),
            box(6, "VAEEncodeForInpaint",
                [("pixels", "IMAGE", 3), ("vae", "VAE", 4), ("mask", "MASK", 5)], ["LATENT"], [6]),
            box(7, "KSampler",
                [("model", "MODEL", 6), ("positive", "CONDITIONING", 7),
                 ("negative", "CONDITIONING", 8), ("latent_image", "LATENT", 9)],
                ["LATENT"], [11, control, 20, 8, "euler", "normal", 1]),
            box(8, "VAEDecode", [("samples", "LATENT", 10), ("vae", "VAE", 11)], ["IMAGE"], []),
            box(9, "SaveImage", [("images", "IMAGE", 12)], [], ["ComfyUI"]),
            box(10, "Note", [], [], ["nothing"]),
        ],
        "links": [
            [1, 3, 1, 4, 0, "CLIP"], [2, 3, 1, 5, 0, "CLIP"], [3, 1, 0, 6, 0, "IMAGE"],
            [4, 3, 2, 6, 1, "VAE"], [5, 2, 0, 6, 2, "MASK"], [6, 3, 0, 7, 0, "MODEL"],
            [7, 4, 0, 7, 1, "CONDITIONING"], [8, 5, 0, 7, 2, "CONDITIONING"],
            [9, 6, 0, 7, 3, "LATENT"], [10, 7, 0, 8, 0, "LATENT"], [11, 3, 2, 8, 1, "VAE"],
            [12, 8, 0, 9, 0, "IMAGE"],
        ],
    }  # fmt: skip
