"""The local engine. This side drives a process; only `nets`, inside that process, knows torch."""
