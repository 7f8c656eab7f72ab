"""Alert sources: one file a kind of sender, each with its `SOURCE` and a sample body."""
