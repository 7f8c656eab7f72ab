"""What remembers: rows, repositories, the unit of work, inbox, outbox, timers and audit."""
