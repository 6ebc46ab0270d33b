"""Reports of runs: what is told of a picture, and the page that tells it."""
