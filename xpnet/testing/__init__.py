"""Checkers that the suite uses and that authors of modules and backends may use."""

from xpnet.testing.check_module import check_module as check_module
from xpnet.testing.check_ops import check_ops as check_ops
