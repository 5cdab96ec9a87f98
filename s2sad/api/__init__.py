"""The doors: operators that take functions, and the objects that they give back."""
