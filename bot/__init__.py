"""What Tocsin is: its rules on the ground floor, its wiring under the roof."""
