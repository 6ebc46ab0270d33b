"""The backends, the runners that call them, and jobs on models and servers, without Qt."""
