"""Models on onnxruntime, without torch: graphs of ours filled with the official weights."""
