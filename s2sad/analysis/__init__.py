"""What is true of a program: kinds of values, activity, where each value lives."""
