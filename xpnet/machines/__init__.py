"""Modules wired into machines; a machine is a module."""

from xpnet.machines.cascade import Cascade as Cascade
from xpnet.machines.graph import Graph as Graph
