"""Timings of xpnet beside its peers: same work, same process, same core, answers compared first."""
