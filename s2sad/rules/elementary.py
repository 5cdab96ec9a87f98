"""Elementary functions."""

from __future__ import annotations

from s2sad.rules.verbs import flat, smooth

sin = smooth("np.sin math.sin", lambda y, x: cos(x))
cos = smooth("np.cos math.cos", lambda y, x: -sin(x))
