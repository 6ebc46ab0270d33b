"""ComfyUI's workflows: read, converted, repaired, exported, and run on this computer."""
