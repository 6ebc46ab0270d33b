"""Which backends there are and how one is run; jobs on models and servers. No Qt."""
