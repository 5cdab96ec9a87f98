"""What makes the difference where ours takes longer, and the pass or rule that would
close it. A row that is below its bar is not printed: sentences may outlive their rows.
"""

IN_PYTHON = {
    "function of two numbers": """The call itself: the check which specialisation serves
these arguments takes as long as the body. `derived.specialized(*args)` is the body.""",
    "Newton's iteration": """The slope's `3.0 * x * x` is computed twice, in two orders; one
product would serve (`opt/regroup`).""",
    "Runge-Kutta": """What is added to an adjoint is added part by part, and states are popped from two
lists, where by hand there is one sum each and `reversed` goes through both. At 1e5 steps
the memory of the lists counts: the same text took 1.06 to 1.10 in other runs.""",
    "Rosenbrock": """Small arrays: `np.zeros`, a store and an addition where an empty array,
one zero and two stores do (`opt/clears`).""",
    "Black-Scholes": """Temporaries of the forward half are not used again at the default
level; `optimize=2` does.""",
    "logistic regression": """`X.T @ z_bar` makes a view that `z_bar @ X` does not
need.""",
    "two-layer network": """Small arrays: each NumPy call counts, and temporaries by hand
are made in place.""",
    "Gaussian mixture": """Small arrays: each NumPy call counts. The weights have a sum of
exponentials of their own, and what was subtracted from each is the largest, as the user
wrote it. Memory: the one by hand writes all matrices of points and parts over one
another.""",
    "recurrent network": """The adjoint of a step is made and then copied to its row; by
hand it is made there. The same text took 1.07 to 1.11 in other runs.""",
    "LSTM": """The state before the gates is kept, and gives way to its adjoint row by row;
so the gates are computed again from it (weights of `ad/keep`, `opt/inrows`), where by hand
they are kept in its place. The lengths of `a[:, n : 2 * n]` are not known, so shapes are
compared.""",
    "1-D stencil by slices": """The forward half makes temporaries as the user's does, and a
copy into the array; by hand it adds in place.""",
    "2-D stencil by slices": """The forward half makes temporaries as the user's does, and a
copy into the array; by hand it adds in place. Memory: `u` beside `u_bar`, since views of
it are still named, and what the last trip has made; `optimize=2` makes `u_bar` where `u`
was.""",
    "1-D stencil by scalar loops": """The forward half reads elements as the user wrote it,
which gives NumPy numbers; by hand they are Python floats.""",
    "2-D stencil by scalar loops": """The forward half reads elements as the user wrote it,
which gives NumPy numbers; by hand they are Python floats.""",
    "n-body by arrays": """Temporaries of points by points are made anew, where by hand
they are written over.""",
    "n-body by scalar loops": """The forward half reads elements as the user wrote it, and
the slope of the root is guarded against a zero that cannot be.""",
    "bundle adjustment, Jacobian": """The halves are functions of their own: some thirty
numbers are packed and unpacked for each row. One function with the reverse half in its
loop needs neither. Elements read as NumPy numbers slow all that follows.""",
}

IN_NUMBA = {
    "function of two numbers": """The call itself: the check which specialisation serves
these arguments. `derived.specialized(*args)` is the compiled function.""",
    "Newton's iteration": """The call itself, and a list that is a tape.""",
    "Rosenbrock": """The call itself: the compiled function takes as long as the one by
hand.""",
    "Black-Scholes": """The call itself: the compiled function takes as long as the one by
hand.""",
    "logistic regression": """The call itself; and `X.T @ z_bar` makes a view that
`z_bar @ X` does not need.""",
    "LSTM": """The lengths of `a[:, n : 2 * n]` are not known: each gate has loops of its
own, and arrays between them that are made in each step, where by hand one loop goes over
all four.""",
    "2-D stencil by slices": """The reverse half goes twice over the array in a trip: what
is added, and then the sums; by hand its adjoint has a border of zeros of its own, and one
pass does. The new state is worked out beside the old one and copied into it
(`emit/numba/carried` has one axis only).""",
    "2-D stencil by scalar loops": """Each step makes an array for the next state and one
for its adjoint; by hand the states are rows of one array.""",
    "Gaussian mixture": """Matrices over points and parts are kept between loops; by hand
one loop goes over points.""",
    "bundle adjustment, Jacobian": """The halves are functions of their own.""",
}
