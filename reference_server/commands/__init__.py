"""The command line's areas, a module each: `add` hands its commands to the parser of `reference_server.main`."""
