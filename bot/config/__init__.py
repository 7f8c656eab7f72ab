"""What Tocsin is told before it starts: settings from the environment, and the organisation from one file."""
