"""Operations as ComfyUI graphs, and masks from their results."""
