"""The command line. Commands import what they need when they run, so that `xpnet --help` answers at once."""
