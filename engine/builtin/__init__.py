"""Selection and removal without any download: classical methods only."""
