"""Operators: + - * / // % ** and their signs."""

from __future__ import annotations

from s2sad.rules import infer
from s2sad.rules.verbs import flat, smooth

# ---- sums and products ---------------------------------------------------------------

add = smooth(
    "a + b  np.add operator.add",
    lambda y, a, b: (1, 1),
    kind=infer.arithmetic,
    signature="a, b; out!, where!, dtype!",
)
sub = smooth(
    "a - b  np.subtract operator.sub",
    lambda y, a, b: (1, -1),
    kind=infer.arithmetic,
    signature="a, b; out!, where!, dtype!",
)
mul = smooth(
    "a * b  np.multiply operator.mul",
    lambda y, a, b: (b, a),
    kind=infer.arithmetic,
    signature="a, b; out!, where!, dtype!",
)
neg = smooth(
    "-a  np.negative operator.neg",
    lambda y, a: -1,
    kind=infer.arithmetic,
    signature="a; out!, where!, dtype!",
)
