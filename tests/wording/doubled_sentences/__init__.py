"""A folder of sentences in which a key stands twice."""
