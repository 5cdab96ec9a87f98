"""The nouns: kinds, nodes, paths, and ways to go over, build, print, parse and run them."""
