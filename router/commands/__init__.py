"""The commands of the command line, one module each: `register` adds the arguments, a function does the work."""
