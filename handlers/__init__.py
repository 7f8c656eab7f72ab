"""What reacts: commands, timers, dialogs, web routes, intake and delivery."""
