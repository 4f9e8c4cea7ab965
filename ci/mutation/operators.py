"""Small wrong changes of a syntax tree: a flipped sign, a lost term, a lost factor, a forgotten accumulate, …"""

import ast
import copy
from collections.abc import Iterator

FLIPPED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.Lt, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that may wrongly stand in the place of this node."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in FLIPPED:
        yield ast.Compare(node.left, [FLIPPED[type(node.ops[0])](), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.keyword) and node.arg in ("axis", "keepdims"):
        yield from _of_option(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node)


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    """A negated result; a loop without its first turn; a call or a write left out (accumulate, clear, +=)."""
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.UnaryOp(ast.USub(), node.value))
    elif isinstance(node, ast.For):
        yield _without_first(node)
    elif isinstance(node, ast.AugAssign):
        yield ast.Pass()
        yield ast.AugAssign(node.target, FLIPPED[type(node.op)](), node.value)
    elif isinstance(node, ast.Expr | ast.Continue) or (isinstance(node, ast.Assign) and _is_write(node)):
        yield ast.Pass()


def _is_write(node: ast.Assign) -> bool:
    return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)


def _of_operation(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in FLIPPED:
        yield ast.BinOp(node.left, FLIPPED[type(node.op)](), node.right)
    yield node.left
    if isinstance(node.op, ast.Add | ast.Mult):
        yield node.right
    elif isinstance(node.op, ast.Sub):
        yield ast.UnaryOp(ast.USub(), node.right)


def _of_option(node: ast.keyword) -> Iterator[ast.AST]:
    if node.arg == "axis":
        yield ast.keyword("axis", ast.Constant(-1 if ast.unparse(node.value) == "0" else 0))
    else:
        yield ast.keyword("keepdims", ast.Constant(ast.unparse(node.value) != "True"))


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    """The last two arguments exchanged: X for Y, W for X, the wrong branch of a `where`."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    if len(node.args) > 1 and not starred:
        *first, one, other = node.args
        yield ast.Call(node.func, [*first, other, one], node.keywords)


def _without_first(node: ast.For) -> ast.For:
    rest = ast.Subscript(
        ast.Call(ast.Name("list", ast.Load()), [node.iter], []), ast.Slice(ast.Constant(1)), ast.Load()
    )
    return ast.For(node.target, rest, node.body, node.orelse)


def mutants(function: ast.FunctionDef) -> Iterator[tuple[ast.FunctionDef, int, str]]:
    """Every (wrong function, line, "statement => wrong statement"), each differing in one place."""
    for number, (statement, node) in enumerate(_parts(function)):
        for wrong in replacements(node):
            changed, wrong_statement = _replaced(function, number, wrong)
            yield changed, statement.lineno, f"{_words(statement)}  =>  {_words(wrong_statement)}"


def _parts(function: ast.FunctionDef) -> list[tuple[ast.stmt, ast.AST]]:
    """All nodes of the body, each with the statement it belongs to, in a fixed order; the docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return [part for statement in body for part in _of_one(statement)]


def _of_one(statement: ast.stmt) -> Iterator[tuple[ast.stmt, ast.AST]]:
    yield statement, statement
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield from _of_one(child)
        else:
            yield from ((statement, node) for node in _walk(child))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Like ast.walk, but -1 is one number: -2 would mean the same to a reshape. What a message says is left alone."""
    yield node
    number = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    if not (number or isinstance(node, ast.JoinedStr)):
        for child in ast.iter_child_nodes(node):
            yield from _walk(child)


def _replaced(function: ast.FunctionDef, number: int, wrong: ast.AST) -> tuple[ast.FunctionDef, ast.stmt]:
    changed = copy.deepcopy(function)
    statement, old = _parts(changed)[number]
    new = ast.copy_location(copy.deepcopy(wrong), old)
    changed = ast.fix_missing_locations(_Swap(old, new).visit(changed))
    return changed, new if isinstance(new, ast.stmt) else statement


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def _words(statement: ast.stmt) -> str:
    """The statement in one line; of a loop or condition, its head."""
    return ast.unparse(statement).partition("\n")[0]
