"""Checkers that the suite uses and that authors of modules and backends may use."""

from xpnet.testing.check_module import check_module as check_module
