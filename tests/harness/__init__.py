"""What the tests of whole programs share: fixtures, numbers, mutants.

cases       the programs under fixtures/, their points, their goldens
values      containers of numbers: leaves, directions, what must be equal
numeric     differences, and what holds of every derivative
mutants     a golden with one statement left out
"""
