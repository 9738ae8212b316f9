"""The cases of the canned questions: what is asked of which graph, and the rows that it must give.

A case is a file `tests/queries/<question>/<real|fiction|empty>.tsv`; where tests/genre has something to show there is
a `genre.tsv` too. Its first lines begin with `# ` and hold, as YAML, `graph` and `arguments`; below stand the expected
rows, IRIs shortened. The graphs are real, fiction, genre, none (registry and ontology, no article) and nothing (no
quads at all; the question runs as its file has it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.core.model import Term
from kg.core.values import is_iri, language, lexical
from kg.mapping.read import Listing, Scalar, Table, read_yaml
from kg.planning.rows import Rows
from kg.project.settings import Project, load_project
from kg.questions.graph import built
from kg.questions.query import find_query
from kg.questions.question import Query

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "queries"
PROJECTS = {"real": ROOT, "fiction": ROOT / "tests" / "fiction", "genre": ROOT / "tests" / "genre"}
REQUIRED = ("real", "fiction", "empty")
OPTIONAL = ("genre",)
GRAPHS = ("real", "fiction", "genre", "none", "nothing")
NAMES = sorted(file.stem for file in (ROOT / "queries").glob("*.rq"))


def has_case(name: str, kind: str) -> bool:
    """Tell whether a question has a case of this kind."""
    return (FOLDER / name / f"{kind}.tsv").is_file()


CASES = [(name, kind) for name in NAMES for kind in (*REQUIRED, *OPTIONAL) if kind in REQUIRED or has_case(name, kind)]
CODE = "https://w3id.org/communique/code/"
ONTOLOGY = "https://w3id.org/communique/ontology#"


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its first lines, what they say, and the rows below them."""

    head: str
    graph: str
    arguments: Mapping[str, Sequence[str]]
    rows: str


def built_lines(project: Project) -> list[str]:
    """Return the quads of a project that is built."""
    with built(project) as generation, generation.store() as store:
        return sorted(f"{quad}" for quad in store.quads())


@cache
def project() -> Project:
    return load_project(ROOT)


@cache
def question(name: str) -> Query:
    return find_query(project(), name)


@cache
def case(name: str, kind: str) -> Case:
    """Read a case."""
    file = FOLDER / name / f"{kind}.tsv"
    assert file.is_file(), f"{name} has no case '{kind}': write its first lines to {file.relative_to(ROOT)}"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    head = [line for line in lines if line.startswith("# ")]
    tree, findings = read_yaml("".join(line[2:] for line in head), str(file))
    assert isinstance(tree, Table), findings
    said = {entry.key.text: entry.value for entry in tree.entries}
    graph, typed = said["graph"], said.get("arguments")
    assert isinstance(graph, Scalar)
    entries = typed.entries if isinstance(typed, Table) else ()
    arguments = {entry.key.text: texts(entry.value) for entry in entries}
    return Case("".join(head), graph.text, arguments, "".join(lines[len(head) :]))


def texts(node: object) -> list[str]:
    items = node.items if isinstance(node, Listing) else (node,)
    return [item.text for item in items if isinstance(item, Scalar)]


def table(rows: Rows, base: str) -> str:
    """Return rows as the text of a case."""
    lines = (rows.variables, *([cell(term, base) for term in row] for row in rows.rows))
    return "".join("\t".join(line) + "\n" for line in lines)


def cell(term: Term | None, base: str) -> str:
    """Return a term for people: an IRI without what all share, a literal with its language unless English."""
    if term is None:
        return ""
    text = lexical(term).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    if not is_iri(term):
        tag = language(term)
        return f"{text}@{tag}" if tag and tag != "en" else text
    if text.startswith(CODE):
        return text.removeprefix(CODE).replace("/", ":")
    return text.replace(ONTOLOGY, "cq:").removeprefix(base)


def all_lines(built_project: Callable[[str], Project]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the quads of each of GRAPHS, and the base of its IRIs."""
    lines = {name: built_lines(built_project(name)) for name in PROJECTS}
    base = {name: built_project(name).base for name in PROJECTS}
    kept = tuple(f"<{base['real']}graph/{name}> ." for name in ("registry", "ontology"))
    lines["none"] = [line for line in lines["real"] if line.endswith(kept)]
    lines["nothing"] = []
    return lines, base | dict.fromkeys(("none", "nothing"), base["real"])
