"""The commands of the command line, one file each: `register` adds the arguments, a function does the work."""
