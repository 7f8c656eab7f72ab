"""The commands, one file each; a module without its `COMMAND`, or two of one name, stops start-up."""
