"""The answer to /object_info by version and pack; names, order and types are exact."""

from collections.abc import Sequence
from typing import Any

from tests.engine.comfy.stand_in.build import Build
from tests.engine.comfy.stand_in.object_info_sam3 import sam3_core, sam3_pack
from tests.engine.comfy.stand_in.object_info_specs import Inputs, node, number, plain, switch, whole

SAMPLERS = (
    "euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 exp_heun_2_x0 "
    "exp_heun_2_x0_sde dpm_2 dpm_2_ancestral lms dpm_fast dpm_adaptive dpmpp_2s_ancestral "
    "dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu dpmpp_2m dpmpp_2m_cfg_pp dpmpp_2m_sde "
    "dpmpp_2m_sde_gpu dpmpp_2m_sde_heun dpmpp_2m_sde_heun_gpu dpmpp_3m_sde dpmpp_3m_sde_gpu ddpm "
    "lcm ipndm ipndm_v deis res_multistep res_multistep_cfg_pp res_multistep_ancestral "
    "res_multistep_ancestral_cfg_pp gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 "
    "seeds_3 sa_solver sa_solver_pece ddim uni_pc uni_pc_bh2"
)
SCHEDULERS = (
    "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"
)
TEXT_KINDS = ["sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image"]
DTYPES = ["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"]
HIDDEN: Inputs = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}  # type: ignore[dict-item]


def described(build: Build, inputs: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """All classes of a server whose input folder holds these files."""
    nodes = pictures(build, inputs) | loaders(build) | painting(build)
    if "lama" in build.packs:
        nodes |= lama()
    if "was" in build.packs:
        nodes |= was()
    if "rgthree" in build.packs:
        nodes |= rgthree(build)
    if build.pack != "none":
        nodes |= sam3_pack(build.pack)
    if build.detects:
        nodes |= sam3_core()
    return {name: {**each, "name": name} for name, each in nodes.items()}


def pictures(build: Build, inputs: Sequence[str]) -> dict[str, dict[str, Any]]:
    mask = plain("MASK", build.since(0, 4, 0))
    passes = {"out": "IMAGE", "names": "images"} if build.since(0, 20, 0) else {}
    says = {"out": "STRING"} if build.since(0, 20, 0) else {}
    upload = [list(inputs), {"image_upload": True}]
    channels = [["alpha", "red", "green", "blue"]]
    extras = "comfy_extras.nodes_mask"
    return {
        "LoadImage": node("Load Image", {"image": upload}, out="IMAGE MASK", category="image"),
        "LoadImageMask": node(
            "Load Image (as Mask)", {"image": upload, "channel": channels}, out="MASK"
        ),
        "PreviewImage": node(
            "Preview Image", {"images": ["IMAGE"]}, hidden=HIDDEN, is_output=True, **passes
        ),
        "SaveImage": node(
            "Save Image",
            {"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "ComfyUI"}]},
            hidden=HIDDEN,
            is_output=True,
            **passes,
        ),
        "PreviewAny": node("Preview as Text", {"source": ["*", {}]}, is_output=True, **says),
        "MaskToImage": node("Convert Mask to Image", {"mask": mask}, out="IMAGE", module=extras),
        "SolidMask": node(
            "Create Solid Mask",
            {
                "value": number(1.0, 0.0, 1.0),
                "width": whole(512, 1, 16384, step=1),
                "height": whole(512, 1, 16384, step=1),
            },
            out="MASK",
            module=extras,
        ),
        "GrowMask": node(
            "Grow Mask",
            {
                "mask": mask,
                "expand": whole(0, -16384, 16384, step=1),
                "tapered_corners": switch(True),
            },
            out="MASK",
            module=extras,
        ),
        "ImageBatch": node("Batch Images", {"image1": ["IMAGE"], "image2": ["IMAGE"]}, out="IMAGE"),
    }


def loaders(build: Build) -> dict[str, dict[str, Any]]:
    texts, loras = [build.files("text_encoders")], build.files("loras")
    strength = number(1.0, -100.0, 100.0)
    device = [["default", "cpu"], {"advanced": True}]
    return {
        "CheckpointLoaderSimple": node(
            "Load Checkpoint",
            {"ckpt_name": [build.files("checkpoints"), {"tooltip": "The checkpoint to load."}]},
            out="MODEL CLIP VAE",
        ),
        "UNETLoader": node(
            "Load Diffusion Model",
            {"unet_name": [build.files("diffusion_models")], "weight_dtype": [DTYPES]},
            out="MODEL",
        ),
        "DualCLIPLoader": node(
            "DualCLIPLoader",
            {"clip_name1": texts, "clip_name2": texts, "type": [TEXT_KINDS]},
            optional={"device": device},
            out="CLIP",
        ),
        "VAELoader": node(
            "Load VAE", {"vae_name": [[*build.files("vae"), "pixel_space"]]}, out="VAE"
        ),
        "LoraLoader": node(
            "Load LoRA",
            {
                "model": ["MODEL", {}],
                "clip": ["CLIP", {}],
                "lora_name": [loras, {}],
                "strength_model": strength,
                "strength_clip": strength,
            },
            out="MODEL CLIP",
        ),
        "LoraLoaderModelOnly": node(
            "LoraLoaderModelOnly",
            {"model": ["MODEL"], "lora_name": [loras], "strength_model": strength},
            out="MODEL",
        ),
    }


def painting(build: Build) -> dict[str, dict[str, Any]]:
    return conditioning() | latents() | {"KSampler": sampler(build)}


def conditioning() -> dict[str, dict[str, Any]]:
    words = ["STRING", {"multiline": True, "dynamicPrompts": True}]
    return {
        "CLIPTextEncode": node(
            "CLIP Text Encode (Prompt)", {"text": words, "clip": ["CLIP", {}]}, out="CONDITIONING"
        ),
        "FluxGuidance": node(
            "FluxGuidance",
            {"conditioning": ["CONDITIONING", {}], "guidance": number(3.5, 0.0, 100.0, 0.1)},
            out="CONDITIONING",
            module="comfy_extras.nodes_flux",
        ),
        "ConditioningZeroOut": node(
            "ConditioningZeroOut", {"conditioning": ["CONDITIONING"]}, out="CONDITIONING"
        ),
        "ReferenceLatent": node(
            "ReferenceLatent",
            {"conditioning": ["CONDITIONING", {}]},
            optional={"latent": ["LATENT", {}]},
            out="CONDITIONING",
            module="comfy_extras.nodes_edit_model",
        ),
        "InpaintModelConditioning": node(
            "InpaintModelConditioning",
            {
                "positive": ["CONDITIONING"],
                "negative": ["CONDITIONING"],
                "vae": ["VAE"],
                "pixels": ["IMAGE"],
                "mask": ["MASK"],
                "noise_mask": switch(True),
            },
            out="CONDITIONING CONDITIONING LATENT",
            names="positive negative latent",
        ),
    }


def latents() -> dict[str, dict[str, Any]]:
    return {
        "VAEEncode": node("VAE Encode", {"pixels": ["IMAGE"], "vae": ["VAE"]}, out="LATENT"),
        "VAEEncodeForInpaint": node(
            "VAE Encode (for Inpainting)",
            {
                "pixels": ["IMAGE"],
                "vae": ["VAE"],
                "mask": ["MASK"],
                "grow_mask_by": whole(6, 0, 64, step=1),
            },
            out="LATENT",
        ),
        "SetLatentNoiseMask": node(
            "Set Latent Noise Mask", {"samples": ["LATENT"], "mask": ["MASK"]}, out="LATENT"
        ),
        "RepeatLatentBatch": node(
            "Repeat Latent Batch", {"samples": ["LATENT"], "amount": whole(1, 1, 64)}, out="LATENT"
        ),
        "DifferentialDiffusion": node(
            "Differential Diffusion",
            {"model": ["MODEL", {}]},
            optional={"strength": number(1.0, 0.0, 1.0)},
            out="MODEL",
            module="comfy_extras.nodes_differential_diffusion",
        ),
        "VAEDecode": node(
            "VAE Decode", {"samples": ["LATENT", {}], "vae": ["VAE", {}]}, out="IMAGE"
        ),
    }


def sampler(build: Build) -> dict[str, Any]:
    has_heun = build.since(0, 4, 0)
    samplers = [name for name in SAMPLERS.split() if has_heun or not name.startswith("exp_heun")]
    return node(
        "KSampler",
        {
            "model": ["MODEL", {}],
            "seed": whole(0, 0, 2**64 - 1, control_after_generate=True),
            "steps": whole(20, 1, 10000),
            "cfg": number(8.0, 0.0, 100.0, 0.1, round=0.01),
            "sampler_name": [samplers, {}],
            "scheduler": [SCHEDULERS.split(), {}],
            "positive": ["CONDITIONING", {}],
            "negative": ["CONDITIONING", {}],
            "latent_image": ["LATENT", {}],
            "denoise": number(1.0, 0.0, 1.0),
        },
        out="LATENT",
        category="sampling",
    )


def lama() -> dict[str, dict[str, Any]]:
    inputs = {
        "images": ["IMAGE"],
        "masks": ["MASK"],
        "mask_threshold": whole(250, 0, 255, step=1, display="slider"),
        "gaussblur_radius": whole(8, 0, 20, step=1, display="slider"),
        "invert_mask": switch(False),
    }
    module = "custom_nodes.comfyui-lama-remover"
    return {
        "LamaRemover": node("Big lama Remover", inputs, out="IMAGE", names="images", module=module)
    }


def was() -> dict[str, dict[str, Any]]:
    module = "custom_nodes.was-node-suite-comfyui"
    name = "Masks Combine Batch"
    return {name: node(name, {"masks": ["MASK"]}, out="MASK", module=module)}


def rgthree(build: Build) -> dict[str, dict[str, Any]]:
    name = "Image Comparer (rgthree)"
    passes = {"out": "IMAGE", "names": "images"} if build.since(0, 20, 0) else {}
    pair = {"image_a": ["IMAGE"], "image_b": ["IMAGE"]}
    module = "custom_nodes.rgthree-comfy"
    return {
        name: node(name, {}, optional=pair, hidden=HIDDEN, module=module, is_output=True, **passes)
    }
