"""The nouns: kinds, nodes, paths; ways to go over, build, print, parse and run them."""
