"""The house rules that a machine can hold: floors, doors, sizes."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# From the ground up; each may import those before it.
FLOORS = ("smartfactory", "assessment", "declarations", "recommendations")
# Where the whole house is put together.
EXEMPT = {"smartfactory/urls.py", "smartfactory/settings.py"}
# Heavy or dangerous libraries, and the only modules that may import them, inside functions.
DOORS = {
    "weasyprint": {"smartfactory/documents.py"},
    "openpyxl": {"smartfactory/spreadsheets.py"},
    "pikepdf": {"smartfactory/documents.py", "smartfactory/files.py", "smartfactory/parsing.py"},
}


def sources():
    return [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")) if "migrations" not in path.parts]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree):
    """(module, node) of every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, node) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node
        elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "import_string", "__import__"}:
            yield from ((one.value, node) for one in node.args if isinstance(one, ast.Constant))


def _name(node):
    return getattr(node, "id", getattr(node, "attr", ""))


def test_imports_go_down_the_floors_only():
    wrong = []
    for path in sources():
        own = FLOORS.index(path.relative_to(ROOT).parts[0])
        above = FLOORS[own + 1 :]
        wrong += [
            f"{name_of(path)}: {module}"
            for module, _ in imports(tree_of(path))
            if module.split(".")[0] in above and name_of(path) not in EXEMPT
        ]
    assert wrong == []


def test_no_floor_imports_the_tests():
    assert [
        name_of(path) for path in sources() for module, _ in imports(tree_of(path)) if module.split(".")[0] == "tests"
    ] == []


def test_models_are_referred_to_by_floors_in_order_too():
    """A foreign key given as text is an import as well."""
    wrong = []
    for path in sources():
        own = FLOORS.index(path.relative_to(ROOT).parts[0])
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and _name(node.func) in {"ForeignKey", "OneToOneField", "ManyToManyField"}:
                texts = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
                wrong += [f"{name_of(path)}: {one}" for one in texts if one.split(".")[0] in FLOORS[own + 1 :]]
    assert wrong == []


@pytest.mark.parametrize("library", DOORS)
def test_heavy_libraries_have_their_doors(library):
    users = {
        name_of(path)
        for path in sources()
        for module, node in imports(tree_of(path))
        if module.split(".")[0] == library and not _for_types(path, node)
    }
    assert users <= DOORS[library]


@pytest.mark.parametrize("library", DOORS)
def test_heavy_libraries_are_imported_inside_functions(library):
    """A page that draws nothing must not pay for them."""
    for name in DOORS[library]:
        body = [node for node in tree_of(ROOT / name).body if isinstance(node, ast.Import | ast.ImportFrom)]
        outside = [module for module, _ in imports(ast.Module(body=body)) if module.split(".")[0] == library]
        assert outside == [], name


def _for_types(path, node):
    """Whether the import stands below TYPE_CHECKING."""
    checked = [one for one in ast.walk(tree_of(path)) if isinstance(one, ast.If) and _name(one.test) == "TYPE_CHECKING"]
    return any(one.lineno == node.lineno for block in checked for one in ast.walk(block) if hasattr(one, "lineno"))


WRITERS_OF_STATUS = {"smartfactory/workflow.py"}


def test_only_fire_writes_a_status():
    """`status=` in an update, or an assignment to `.status`: the door of workflow.fire() would be passed by."""
    wrong = []
    for path in sources():
        for node in ast.walk(tree_of(path)):
            updates = isinstance(node, ast.Call) and _name(node.func) in {"update", "write"}
            if updates and any(one.arg == "status" for one in node.keywords):
                wrong.append((name_of(path), node.lineno))
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(one, ast.Attribute) and one.attr == "status" for one in targets):
                wrong.append((name_of(path), node.lineno))
    stateful = [one for one in wrong if _concerns_a_workflow(*one)]
    assert {name for name, _ in stateful} <= WRITERS_OF_STATUS


def _concerns_a_workflow(name, line):
    """Editions have a status of their own kind: published once, by the loader, never by a person."""
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return not re.search(r"[Ee]dition|PUBLISHED", "\n".join(text[max(0, line - 4) : line + 3]))


def test_only_the_audit_module_writes_the_trail():
    wrong = [
        name_of(path)
        for path in sources()
        if re.search(r"Audit(Entry|Checkpoint|Head)\.objects\.(create|bulk_create|update|filter\([^)]*\)\.(update|delete))|AuditEntry\(",
                     path.read_text(encoding="utf-8"))
    ]  # fmt: skip
    assert wrong == ["smartfactory/audit.py", "smartfactory/models/audit.py"]


def test_no_function_is_long_and_no_file_is_large():
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 40
    ]
    large = [name_of(path) for path in sources() if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert (long, large) == ([], [])


def test_nothing_is_left_to_do():
    words = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|breakpoint\(")
    assert [name_of(path) for path in sources() if words.search(path.read_text(encoding="utf-8"))] == []


def test_templates_carry_no_style_or_script_of_their_own():
    """The strict content security policy would drop them in silence."""
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "pdf" not in path.parts]
    assert [name_of(path) for path in pages if inline.search(path.read_text(encoding="utf-8"))] == []


def test_no_template_marks_text_as_safe():
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b")
    found = [path for path in (ROOT / "templates").rglob("*.html") if unsafe.search(path.read_text(encoding="utf-8"))]
    assert [name_of(path) for path in found] == []
