"""Slack as far as Tocsin uses it, over real HTTP and a real socket, with the limits and the moods of the real one."""
