"""Does the suite notice a wrong sign? Each mutant is the product with one fault put in.

    python -m tests.mutants --record             once
    python -m tests.mutants --add                when tests have been added
    python -m tests.mutants                      a hundred mutants, chosen by seed 0
    python -m tests.mutants --sample 300 --seed 7
    python -m tests.mutants --all --room rules   every mutant of a room
    python -m tests.mutants --wider              conditions and constants as well
    python -m tests.mutants --list               what there is to mutate

`faults.py` says what is put in: signs, factors, terms, operands, numbers, accumulations,
zeroing, statements left out. At least 95 % of these mutants must be killed: a test fails,
or does not end. With `--wider` there are conditions, comparisons and constants as well;
of those more are only fast paths, guards, or bounds that nothing comes near.

A verdict costs what the tests cost that give it, a second or less for a mutant that is
killed. `record.py` has run each test once and knows which segments of the product it
reaches (`segments.py`), so `killers.py` asks only tests that reach the fault, up to the
first that fails: the texts of fixtures before all, then each file in turn, tests that go
different ways before those that go the same. They run in a child (`children.py`)
of a test run that has collected everything (`zygote.py`), where the functions get the
mutant's code (`patch.py`); what the import itself runs is imported anew (`overlay.py`).
`equivalents.py` names mutants that no test can tell from the product, and why.

A survivor was asked as many of the tests that reach it as fit into `--budget` seconds, so
one that survives a small budget may well be killed with a larger one. Needs a Unix and
Python 3.11.
"""
