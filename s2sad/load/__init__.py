"""From text to something that runs: the cache, compiling, binding, dispatch."""
