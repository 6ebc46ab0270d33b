"""Interfaces of the nodes that run on this computer, for files that list values by position.

Facts of ComfyUI, in the order of its windows, of the newest version of each node (older ones are
in engine.workflow.format.renamed_inputs).
"""

from engine.comfy.protocol.object_info import COMBO, InputSpec, Nodes, NodeSpec, OutputSpec
from engine.jobs.paint_settings import SAMPLERS, SCHEDULERS

IMAGE, MASK, LATENT, MODEL = "IMAGE", "MASK", "LATENT", "MODEL"
CLIP, VAE, CONDITIONING = "CLIP", "VAE", "CONDITIONING"


def _link(name: str, type_: str, *, required: bool = True) -> InputSpec:
    return InputSpec(name=name, type=type_, required=required)


def _links(**types: str) -> tuple[InputSpec, ...]:
    return tuple(_link(name, type_) for name, type_ in types.items())


def _widget(name: str, type_: str, default: object = None, *options: str) -> InputSpec:
    """Options that are files are left out: missing files are reported later."""
    return InputSpec(name=name, type=type_, default=default, options=options, is_widget=True)


def _file(name: str) -> InputSpec:
    return _widget(name, COMBO)


def _upload(name: str) -> InputSpec:
    return InputSpec(name=name, type=COMBO, is_widget=True, is_upload=True)


def _seed(name: str) -> InputSpec:
    return InputSpec(name=name, type="INT", default=0, is_widget=True, has_control=True)


def _node(
    name: str, title: str, inputs: tuple[InputSpec, ...], *outputs: str, is_output: bool = False
) -> NodeSpec:
    made = tuple(OutputSpec(name=type_, type=type_) for type_ in outputs)
    return NodeSpec(
        name=name, title=title, pack="", inputs=inputs, outputs=made, is_output=is_output
    )


_BLUR = (
    _widget("mask_threshold", "INT", 250),
    _widget("gaussblur_radius", "INT", 8),
    _widget("invert_mask", "BOOLEAN", False),
)
_CHANNELS = ("red", "green", "blue", "alpha")

_PICTURES = (
    _node("LoadImage", "Load Image", (_upload("image"),), IMAGE, MASK),
    _node(
        "LoadImageMask",
        "Load Image (as Mask)",
        (_upload("image"), _widget("channel", COMBO, "alpha", *_CHANNELS)),
        MASK,
    ),
    _node("MaskToImage", "Convert Mask to Image", _links(mask=MASK), IMAGE),
    _node(
        "ImageToMask",
        "Convert Image to Mask",
        (_link("image", IMAGE), _widget("channel", COMBO, "red", *_CHANNELS)),
        MASK,
    ),
    _node("Masks Combine Batch", "Masks Combine Batch", _links(masks=MASK), MASK),
    _node("InvertMask", "Invert Mask", _links(mask=MASK), MASK),
    _node(
        "GrowMask",
        "Grow Mask",
        (
            _link("mask", MASK),
            _widget("expand", "INT", 0),
            _widget("tapered_corners", "BOOLEAN", True),
        ),
        MASK,
    ),
    _node(
        "ImageCompositeMasked",
        "Image Composite Masked",
        (
            *_links(destination=IMAGE, source=IMAGE),
            _widget("x", "INT", 0),
            _widget("y", "INT", 0),
            _widget("resize_source", "BOOLEAN", False),
            _link("mask", MASK, required=False),
        ),
        IMAGE,
    ),
)

_FINDERS = (
    _node(
        "LoadSAM3Model",
        "(Down)Load SAM3 Model",
        (_widget("precision", COMBO, "auto"), _widget("compile", "BOOLEAN", False)),
        "SAM3_MODEL_CONFIG",
    ),
    _node(
        "SAM3Grounding",
        "SAM3 Text Segmentation",
        (
            *_links(sam3_model_config="SAM3_MODEL_CONFIG", image=IMAGE),
            _widget("confidence_threshold", "FLOAT", 0.2),
            _widget("text_prompt", "STRING", ""),
            _link("positive_boxes", "SAM3_BOXES_PROMPT", required=False),
            _link("negative_boxes", "SAM3_BOXES_PROMPT", required=False),
            _widget("max_detections", "INT", -1),
        ),
        MASK,
        IMAGE,
        "STRING",
        "STRING",
    ),
    _node(
        "SAM3_Detect",
        "SAM3 Detect",
        (
            *_links(model=MODEL, image=IMAGE),
            _widget("threshold", "FLOAT", 0.5),
            _widget("refine_iterations", "INT", 2),
            _widget("individual_masks", "BOOLEAN", False),
            _link("conditioning", CONDITIONING, required=False),
            _link("bboxes", "BOUNDING_BOX", required=False),
            _link("positive_coords", "STRING", required=False),
            _link("negative_coords", "STRING", required=False),
        ),
        MASK,
        "BOUNDING_BOX",
    ),
    _node("LamaRemover", "Big lama Remover", (*_links(images=IMAGE, masks=MASK), *_BLUR), IMAGE),
    _node(
        "LamaRemoverIMG",
        "Big lama Remover(IMG)",
        (*_links(images=IMAGE, masks=IMAGE), *_BLUR),
        IMAGE,
    ),
)

_MODELS = (
    _node("CheckpointLoaderSimple", "Load Checkpoint", (_file("ckpt_name"),), MODEL, CLIP, VAE),
    _node(
        "UNETLoader",
        "Load Diffusion Model",
        (_file("unet_name"), _widget("weight_dtype", COMBO, "default")),
        MODEL,
    ),
    _node(
        "DualCLIPLoader",
        "Load CLIP (Dual)",
        (
            _file("clip_name1"),
            _file("clip_name2"),
            _widget("type", COMBO, "flux"),
            _widget("device", COMBO, "default"),
        ),
        CLIP,
    ),
    _node("VAELoader", "Load VAE", (_file("vae_name"),), VAE),
    _node(
        "LoraLoader",
        "Load LoRA (Model and CLIP)",
        (
            *_links(model=MODEL, clip=CLIP),
            _file("lora_name"),
            _widget("strength_model", "FLOAT", 1.0),
            _widget("strength_clip", "FLOAT", 1.0),
        ),
        MODEL,
        CLIP,
    ),
    _node(
        "LoraLoaderModelOnly",
        "Load LoRA",
        (_link("model", MODEL), _file("lora_name"), _widget("strength_model", "FLOAT", 1.0)),
        MODEL,
    ),
    _node(
        "DifferentialDiffusion",
        "Differential Diffusion",
        (_link("model", MODEL), _widget("strength", "FLOAT", 1.0)),
        MODEL,
    ),
)

_PAINTING = (
    _node(
        "CLIPTextEncode",
        "CLIP Text Encode (Prompt)",
        (_widget("text", "STRING", ""), _link("clip", CLIP)),
        CONDITIONING,
    ),
    _node(
        "FluxGuidance",
        "FluxGuidance",
        (_link("conditioning", CONDITIONING), _widget("guidance", "FLOAT", 3.5)),
        CONDITIONING,
    ),
    _node(
        "ConditioningZeroOut",
        "Conditioning Zero Out",
        _links(conditioning=CONDITIONING),
        CONDITIONING,
    ),
    _node("VAEEncode", "VAE Encode", _links(pixels=IMAGE, vae=VAE), LATENT),
    _node(
        "VAEEncodeForInpaint",
        "VAE Encode (for Inpainting)",
        (*_links(pixels=IMAGE, vae=VAE, mask=MASK), _widget("grow_mask_by", "INT", 6)),
        LATENT,
    ),
    _node("SetLatentNoiseMask", "Set Latent Noise Mask", _links(samples=LATENT, mask=MASK), LATENT),
    _node(
        "InpaintModelConditioning",
        "InpaintModelConditioning",
        (
            *_links(positive=CONDITIONING, negative=CONDITIONING, vae=VAE),
            *_links(pixels=IMAGE, mask=MASK),
            _widget("noise_mask", "BOOLEAN", True),
        ),
        CONDITIONING,
        CONDITIONING,
        LATENT,
    ),
    _node(
        "RepeatLatentBatch",
        "Repeat Latent Batch",
        (_link("samples", LATENT), _widget("amount", "INT", 1)),
        LATENT,
    ),
    _node(
        "KSampler",
        "KSampler",
        (
            _link("model", MODEL),
            _seed("seed"),
            _widget("steps", "INT", 20),
            _widget("cfg", "FLOAT", 8.0),
            _widget("sampler_name", COMBO, "euler", *SAMPLERS),
            _widget("scheduler", COMBO, "normal", *SCHEDULERS),
            *_links(positive=CONDITIONING, negative=CONDITIONING, latent_image=LATENT),
            _widget("denoise", "FLOAT", 1.0),
        ),
        LATENT,
    ),
    _node("VAEDecode", "VAE Decode", _links(samples=LATENT, vae=VAE), IMAGE),
)

_OUTPUTS = (
    _node(
        "SaveImage",
        "Save Image",
        (_link("images", IMAGE), _widget("filename_prefix", "STRING", "ComfyUI")),
        is_output=True,
    ),
    _node("PreviewImage", "Preview Image", _links(images=IMAGE), is_output=True),
    _node(
        "Image Comparer (rgthree)",
        "Image Comparer (rgthree)",
        (_link("image_a", IMAGE, required=False), _link("image_b", IMAGE, required=False)),
        is_output=True,
    ),
)

LOCAL_NODES = Nodes({
    spec.name: spec for spec in (*_PICTURES, *_FINDERS, *_MODELS, *_PAINTING, *_OUTPUTS)
})  # fmt: skip
"""All nodes that can be run on this computer."""
