"""What must survive: kills, freezes, replicas, and whatever anyone sends."""
