"""Operations as ComfyUI graphs."""
