"""A folder that stands beside the chats there are, with one that exists for tests alone."""
