"""The page `fixtures/reuse.md`: programs, and what `optimize=2` prints of them."""

from __future__ import annotations

from s2sad import adjoint
from tests.harness.cases import FIXTURES, case, specialized

HEAD = """# Buffers used again

What `optimize=2` prints. An operation on arrays writes into an operand that it reads
last, if that has the shape and dtype of the result, the function made it, and nobody
else holds it. The default level prints the same expressions nested, in fewer lines.
The page is written by `pytest --bless tests/emit/test_reuse_page.py`.
"""

CASES = [
    (
        "rosenbrock",
        "Parts of one expression follow one another in one buffer. What the user's half"
        " ends with goes on in the reverse half.",
    ),
    (
        "logistic_regression",
        "Where the operand stands on the right, `out=` says where the result goes.",
    ),
    (
        "mlp_dict",
        "A name of the user's never comes to mean something else: its memory goes on"
        " under another name.",
    ),
    (
        "recurrent_cell",
        "What lies on a tape is not written over: `h` is a new array in each trip.",
    ),
    ("heat_step", "What is written into a part of an array is computed in one buffer."),
    ("wave_equation", "Buffers that change places stay what they are."),
    ("attention", "Sums along an axis are smaller arrays; they have buffers, too."),
    ("layer_norm", "A value that is read again keeps its memory until then."),
    ("ridge", "What a product of matrices gives is an array of the function's own."),
    ("alias_add", "What `y += x` writes into is a buffer that goes on as the adjoint."),
]


def test_page(bless):
    parts = [HEAD]
    for name, why in CASES:
        program = case(name)
        point = program.points[0]
        derived = adjoint(program.function, point.wrt, optimize=2)
        text, _ = specialized(derived, point)
        source = program.path(".py").read_text(encoding="utf-8")
        source = source.partition("POINTS")[0].partition("\nrng =")[0].strip()
        title = name.replace("_", " ")
        parts.append(
            f"## {title}\n\n{why}\n\n```python\n{source}\n```\n\n"
            f"```python\n{text.strip()}\n```\n"
        )
    bless(FIXTURES / "reuse.md", "\n".join(parts))
