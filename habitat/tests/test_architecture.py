"""The six storeys: nothing imports, points or looks up."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

ROOT = Path(settings.BASE_DIR)
# From the bottom up; a storey uses those before it.
STOREYS = ("habitat.lib", "modalities", "polygons", "habitat.accounts", "projects", "reports", "habitat")
EDGES = ("views", "api", "admin", "management")
# Tests may look anywhere; migrations follow their own order.
LEFT_OUT = ("tests", "migrations")


def storey_of(module: str) -> int | None:
    """Index of the storey a dotted module belongs to; None for what is not ours."""
    named = [name for name in STOREYS if module == name or module.startswith(f"{name}.")]
    return STOREYS.index(max(named, key=len)) if named else None


def is_edge(module: str) -> bool:
    """`app.views`, `app.api`… and what lies inside them; habitat.api is the composing one."""
    named = [name for name in STOREYS if module.startswith(f"{name}.")]
    return bool(named) and module.removeprefix(max(named, key=len) + ".").split(".")[0] in EDGES


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def our_files() -> list[Path]:
    tops = [ROOT / name for name in ("habitat", "modalities", "polygons", "projects", "reports")]
    files = [path for top in tops for path in top.rglob("*.py")]
    return sorted(path for path in files if not set(path.relative_to(ROOT).parts) & set(LEFT_OUT))


def imports_of(path: Path, source: str | None = None) -> Iterator[str]:
    """Every imported dotted name, also those inside functions and of relative imports."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(source if source is not None else path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def breaches_of_imports(path: Path, source: str | None = None) -> list[str]:
    here = module_name(path)
    mine = storey_of(here)
    found = []
    for name in imports_of(path, source):
        theirs = storey_of(name)
        if theirs is None:
            continue
        if name in {"habitat", "habitat.celery", "habitat.celery.app"} and here == "habitat":
            continue  # habitat/__init__ loads the Celery app: the one exception
        if theirs > mine:
            found.append(f"{here} imports {name}, which stands above it")
        is_route = here.split(".")[-1] == "urls" or here == "habitat.api" or is_edge(here)
        if is_edge(name) and not is_route:
            found.append(f"{here} imports {name}: edges are imported by urls alone")
    return found


def breaches_of_keys(fields) -> list[str]:
    found = []
    for field in fields:
        if not isinstance(field, ForeignKey | OneToOneField | ManyToManyField) or field.remote_field.model is None:
            continue
        source, target = field.model._meta, field.remote_field.model._meta
        mine, theirs = storey_of(source.app_config.name), storey_of(target.app_config.name)
        if mine is None or theirs is None or source.app_label == target.app_label:
            continue
        is_actor = target.label == settings.AUTH_USER_MODEL and field.remote_field.hidden
        if theirs > mine and not is_actor:
            found.append(f"{field} points up to {target.label}")
    return found


def our_fields():
    return [field for model in apps.get_models() for field in model._meta.get_fields() if hasattr(field, "attname")]


@pytest.mark.parametrize("path", our_files(), ids=module_name)
def test_imports_go_down(path):
    assert breaches_of_imports(path) == []


def test_foreign_keys_point_down():
    assert breaches_of_keys(our_fields()) == []


def test_no_reverse_name_leads_up():
    """A key that crosses storeys is hidden (`related_name="+"`), or leads to a name its target's own app may use."""
    upward = []
    for field in our_fields():
        if not isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
            continue
        target = field.remote_field.model._meta
        mine, theirs = storey_of(field.model._meta.app_config.name), storey_of(target.app_config.name)
        if None in (mine, theirs) or mine == theirs or field.remote_field.hidden:
            continue
        upward.append(f"{field}: {target.label} would know {field.remote_field.get_accessor_name()}")
    assert upward == []


def test_an_upward_import_inside_a_function_is_caught():
    source = "def total():\n    from projects.models import Project\n    return Project\n"
    assert breaches_of_imports(ROOT / "modalities" / "services.py", source) != []


def test_an_imported_edge_is_caught():
    source = "from projects import views\n"
    assert breaches_of_imports(ROOT / "reports" / "indicators.py", source) != []


def test_an_upward_key_is_caught():
    from django.db import models

    from polygons.models import Block

    key = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    key.set_attributes_from_name("project")
    key.model = Block
    key.remote_field.model = apps.get_model("projects.Project")
    assert breaches_of_keys([key]) != []


def test_the_queue_has_one_door():
    """`habitat.lib.tasks.enqueue` knows every way in which the queue may be away."""
    door = ROOT / "habitat" / "lib" / "tasks.py"
    callers = [path for path in our_files() if path != door and ".delay(" in path.read_text()]
    assert not callers
