"""What makes the difference where ours takes longer, and the pass or rule that would
close it. A row that is below its bar is not printed: sentences may outlive their rows.
"""

IN_PYTHON = {
    "function of two numbers": """The call itself: the check which specialisation serves
these arguments takes as long as the body. `derived.specialized(*args)` is the body.""",
    "Newton's iteration": """The slope's `3.0 * x * x` is computed twice, in two orders; one
product would serve (`opt/regroup`).""",
    "Rosenbrock": """Small arrays: `np.zeros`, a store and an addition where an empty array,
one zero and two stores do (`opt/clears`).""",
    "Black-Scholes": """Temporaries of the forward half are not used again at the default
level; `optimize=2` does.""",
    "logistic regression": """`X.T @ z_bar` makes a view that `z_bar @ X` does not need,
and arrays that nobody reads any more keep their memory to the end (`emit/plan`).""",
    "two-layer network": """Small arrays: each NumPy call counts, and temporaries by hand
are made in place.""",
    "Gaussian mixture": """The user's `np.sum(D * D, axis=2)` stays as it is, a slow sum along
a short axis, where the one by hand has an `einsum`.""",
    "recurrent network": """The state is kept in a list and copied into rows for the one
product after the loop; by hand it is written to rows at once.""",
    "LSTM": """The gates are computed again, four exponentials a step, where keeping them
costs a reference (weights of `ad/keep`); the adjoint of the gates starts as zeros that
its four parts cover (`opt/clears`).""",
    "1-D stencil by slices": """The forward half makes temporaries as the user's does, and a
copy into the array; by hand it adds in place.""",
    "2-D stencil by slices": """The forward half makes temporaries as the user's does, and a
copy into the array; the two parts of the adjoint of the inner points are added one after
the other, where by hand they are one factor (`opt/regroup`).""",
    "1-D stencil by scalar loops": """The forward half reads elements as the user wrote it,
which gives NumPy numbers; by hand they are Python floats.""",
    "2-D stencil by scalar loops": """The forward half reads elements as the user wrote it,
which gives NumPy numbers; by hand they are Python floats.""",
    "Gauss-Seidel": """The forward half reads elements as the user wrote it, which gives
NumPy numbers; by hand they are Python floats.""",
    "n-body by arrays": """Squared distances are kept beside the places that they are
computed from (`ad/keep`).""",
    "n-body by scalar loops": """The forward half reads elements as the user wrote it, and
the slope of the root is guarded against a zero that cannot be.""",
    "bundle adjustment, Jacobian": """The halves are functions of their own: some thirty
numbers are packed and unpacked for each row. One function with the reverse half in its
loop needs neither. Elements read as NumPy numbers slow all that follows.""",
}

IN_NUMBA = {
    "function of two numbers": """The call itself: a check and a shell around a compiled
function that takes as long.""",
    "Newton's iteration": """The call itself, and a list that is a tape.""",
    "Rosenbrock": """The call itself: the compiled function takes as long as the one by
hand.""",
    "Black-Scholes": """The call itself: the compiled function takes as long as the one by
hand.""",
    "2-D stencil by slices": """Each shifted write of the reverse half is a pass over a row;
by hand one pass gathers them. The new state is worked out beside the old one and copied
into it (`emit/numba/carried` has one axis only).""",
    "2-D stencil by scalar loops": """The adjoint of the copy is cleared element by element
and added to the rest; by hand it starts as the copy (`opt/stay`).""",
    "n-body by arrays": """Matrices over all pairs are kept between loops; by hand loops go
over pairs and keep nothing.""",
    "Gaussian mixture": """Matrices over points and parts are kept between loops; by hand
one loop goes over points.""",
    "bundle adjustment, Jacobian": """The halves are functions of their own.""",
}
