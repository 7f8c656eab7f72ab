"""A folder of commands of which two claim the same verb."""
