"""What makes the difference where ours takes longer, and what would close it."""

IN_PYTHON: dict[str, str] = {}

IN_NUMBA: dict[str, str] = {}
