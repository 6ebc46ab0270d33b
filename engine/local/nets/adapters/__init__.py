"""LoRAs in loaded networks: their files, their changes, and the layers that add these."""
