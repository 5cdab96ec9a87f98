"""Does the suite notice a wrong sign? Each mutant is the product with one fault put in.

    python -m tests.mutants                      a hundred mutants, chosen by seed 0
    python -m tests.mutants --sample 300 --seed 7
    python -m tests.mutants --all --room rules   every mutant of a room (hours)
    python -m tests.mutants --list               what there is to mutate

`faults.py` says what is put in: signs, factors, terms, operands, accumulations,
clears, conditions; `killers.py` which tests are asked, the likeliest first, up to the
first that fails; `overlay.py` has a test run import the mutant in place of the module;
`equivalents.py` names the mutants that no test can tell from the product, and why.
At least 95 % of the others must be killed.
"""
