"""Checkers that the suite uses and that authors of modules and backends may use."""

from xpnet.testing.backend_contract import check_backend as check_backend
from xpnet.testing.conformance import check_ops as check_ops
from xpnet.testing.contract import check_module as check_module
