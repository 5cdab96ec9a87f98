"""Products evaluated now: `jvp`, `vjp`, `hvp`, `linearize`, in JAX's argument order."""
