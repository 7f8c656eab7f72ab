"""The Protocols that the outside must satisfy, and the few values they speak in."""
