"""Takes what may show the picture as it was out of metadata: known fields stay, nothing else."""
