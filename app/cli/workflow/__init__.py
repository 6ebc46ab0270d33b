"""Runs `lacuna run WORKFLOW`, on this computer or on a server, without Qt."""
