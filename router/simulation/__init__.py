"""The simulated floor: the service without its store and its sockets, on a clock that is moved by hand."""
