"""A folder of commands with a module that has none."""
