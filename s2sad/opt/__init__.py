"""Tidying: passes from IR to IR, each in a file named for its verb."""

from s2sad.opt.pipeline import optimise, tidy
from s2sad.opt.refine import refine
from s2sad.opt.spell import is_mixed

__all__ = ["is_mixed", "optimise", "refine", "tidy"]
