"""Figures of the real server against a bare Django; `make bench`."""
