"""Python in: the text of a user's function becomes IR, for given kinds of arguments."""
