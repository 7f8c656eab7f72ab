"""A folder of sentences with a module that has none."""
