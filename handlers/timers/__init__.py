"""What happens when a due time comes, one file for each kind of timer."""
