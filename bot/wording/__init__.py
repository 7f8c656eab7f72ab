"""The one message catalogue: every sentence that a person sees."""
