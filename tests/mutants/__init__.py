"""Does the suite notice a wrong sign? Each mutant is the product with one fault put in.

    python -m tests.mutants --record             once, and when tests have been added
    python -m tests.mutants                      a hundred mutants, chosen by seed 0
    python -m tests.mutants --sample 300 --seed 7
    python -m tests.mutants --all --room rules   every mutant of a room
    python -m tests.mutants --list               what there is to mutate

`faults.py` says what is put in: signs, factors, terms, operands, accumulations, zeroing,
conditions, comparisons, statements left out, numbers. At least 95 % of the mutants must
be killed: a test fails, or does not end.

A verdict costs what the tests cost that give it, a second or less for a mutant that is
killed. `record.py` has run each test once and knows which segments of the product it
reaches (`segments.py`), so `killers.py` asks only tests that reach the fault, cheap ones
first, each file in turn, up to the first that fails. They run in a child (`children.py`)
of a test run that has collected everything (`zygote.py`), where the functions get the
mutant's code (`patch.py`); what the import itself runs is imported anew (`overlay.py`).
`equivalents.py` names mutants that no test can tell from the product, and why.

The record takes some fifteen minutes of one processor, a hundred mutants three or four. A
survivor was asked as many of the tests that reach it as fit into `--budget` seconds, so
one that survives a small budget may well be killed with a larger one. Needs a Unix and
Python 3.11.

Not there yet: of 220 mutants (seed 2026) 167 were killed with a budget of 8 seconds and a
record of half of the tests, 182 (83 %, 95 % confidence 77 % to 87 %) with 15 more seconds
for the others. Most of what is left was asked a part of the tests that reach it.
"""
