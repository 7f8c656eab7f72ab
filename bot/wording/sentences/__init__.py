"""The sentences by subject; a key stands in one of these files only."""
