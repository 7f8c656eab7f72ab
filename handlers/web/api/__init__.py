"""The JSON API: one small file a resource, each with the operations that it has."""
