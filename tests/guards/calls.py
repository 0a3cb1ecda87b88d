"""Who calls whom, read from the sources: functions as ``module:name`` and what each may reach."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "update", "delete", "save",
}  # fmt: skip
"""Methods of managers, querysets and rows that change a table."""
OF_QUERYSETS = {"bulk_create", "get_or_create", "update_or_create", "bulk_update"}
"""What nothing else has."""


@dataclass
class Part:
    """A function or a class: what it names of the project, and whether it changes tables."""

    name: str
    public: bool
    names: set[str] = field(default_factory=set)
    writes: bool = False


def parts_of(module: str, source: str) -> Iterator[Part]:
    """Every function of a module, methods as ``module:Class.method``, and every class, which stands for its methods."""
    tree = ast.parse(source)
    known = dict(_imports(module, tree)) | {
        node.name: f"{module}:{node.name}" for node in tree.body if isinstance(node, Function | ast.ClassDef)
    }
    for node in tree.body:
        if isinstance(node, Function):
            yield _part(f"{module}:{node.name}", node, known)
        elif isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, Function)]
            own = {f"self.{item.name}": f"{module}:{node.name}.{item.name}" for item in methods}
            yield Part(f"{module}:{node.name}", public=False, names=set(own.values()))
            for item in methods:
                yield _part(f"{module}:{node.name}.{item.name}", item, known | own)


def _imports(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}:{alias.name}"


def _part(name: str, node: Function, known: dict[str, str]) -> Part:
    part = Part(name, public=not name.rpartition(":")[2].startswith("_") and "._" not in name)
    part.writes = any(_opens_transaction(item) for item in ast.walk(node))
    for item in ast.walk(node):
        said = _dotted(item)
        first, _dot, rest = said.partition(".")
        if said in known:
            part.names.add(known[said])
        elif first in known and rest:  # a module of ours, imported by name
            part.names.add(f"{known[first].replace(':', '.')}:{rest.partition('.')[0]}")
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in WRITES:
            part.writes |= _is_of_a_table(item, item.func)
    return part


def _dotted(node: ast.AST) -> str:
    """``name`` or ``name.attribute…``; nothing of what is computed."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def _opens_transaction(node: ast.AST) -> bool:
    return _dotted(node) == "transaction.atomic"


def _is_of_a_table(call: ast.Call, method: ast.Attribute) -> bool:
    """``Model.objects…create(…)``, ``row.save()``, and what only a queryset takes, whatever variable holds it: a digest
    is updated with an argument, a workbook saved to a file, a set of rows updated by the names of its columns."""
    said = ast.unparse(method.value)
    of_a_row = method.attr in {"save", "delete"} and not call.args
    by_columns = method.attr in {"create", "update"} and not call.args and bool(call.keywords)
    return ".objects" in said or "._base_manager" in said or of_a_row or by_columns or method.attr in OF_QUERYSETS


def reaching(parts: Iterable[Part], goal: str) -> set[str]:
    """The parts from which the goal may be reached."""
    every = list(parts)
    found = {goal}
    while more := {part.name for part in every if part.names & found} - found:
        found |= more
    return found
