"""The version of s2sad: part of every cache key, and what `--version` prints."""

__version__ = "0.1.0"
