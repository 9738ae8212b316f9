"""Folders of a project -> its articles, registry, ontology, rules, questions and checks, and files that are not read.

The only place that decides which files make up a project. Lists folders, opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.core.errors import Finding, Place, Severity
from kg.core.likeness import nearest
from kg.project.folders import FileKind, FolderListing, Unread, faulty, is_passed_over, listing, name_of
from kg.project.settings import SETTINGS_FILE, Project

LINKS_FILE = "links.sssom.tsv"
PINS = ".pins.json"
"""Extension of the file beside an article with a withheld text."""

_YAML = frozenset({".yml"})
_SPARQL = frozenset({".sparql"})
ARTICLES = FileKind("articles", ".yaml", alike=_YAML, beside=(PINS,), unique=True)
REGISTRY = FileKind("the registry's files", ".yaml", alike=_YAML)
ONTOLOGY = FileKind(
    "the ontology's files",
    ".ttl",
    alike=frozenset({".turtle"}),
    other=frozenset({".owl", ".rdf", ".xml", ".jsonld", ".nt", ".nq", ".n3", ".trig", ".omn", ".ofn", ".obo"}),
    beside=(".schema.json",),
)
WORDS = FileKind("words", ".toml")
RULES = FileKind("rules", ".rq", alike=_SPARQL, unique=True)
QUESTIONS = FileKind("questions", ".rq", alike=_SPARQL, unique=True)
CHECKS = FileKind("checks", ".rq", alike=_SPARQL, unique=True)

_RULES, _CHECKS = "rules", "checks"


def draft_file(project: Project, article_id: str) -> Path:
    """Return where a model's draft of an article is kept until a person applies it: outside of all sources."""
    return project.build / "drafts" / f"{article_id.replace('/', '%2F')}.json"


def articles(project: Project) -> FolderListing:
    """Return the mappings of articles. The name of each is the id of its article."""
    return listing(project.data / "articles", ARTICLES)


def is_article(project: Project, path: Path) -> bool:
    """Return whether there is an article at *path*."""
    return would_be_article(project, path) and path.is_file()


def would_be_article(project: Project, path: Path) -> bool:
    """Return whether a file at *path*, which need not exist, is an article."""
    return path.is_relative_to(project.data / "articles") and path.suffix == ARTICLES.ending


def is_in_registry(project: Project, path: Path) -> bool:
    """Return whether a file at *path*, which need not exist, belongs to the registry."""
    return path.is_relative_to(project.data / "registry") and path.suffix == REGISTRY.ending


def article_file(project: Project, article_id: str) -> Path | None:
    """Return the mapping of one article, None if there is none."""
    usual = project.data / "articles" / f"{article_id}.yaml"
    if usual.is_file():
        return usual
    return next((file for file in articles(project).files if name_of(file) == article_id), None)


def registry(project: Project) -> FolderListing:
    """Return the registry's files."""
    return listing(project.data / "registry", REGISTRY)


def ontology_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return every Turtle file in *folders* and their subfolders, folder by folder, sorted."""
    return tuple(file for folder in folders for file in _ontology(folder).files)


def word_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files with the words of languages, folder by folder, sorted."""
    return tuple(file for folder in folders for file in listing(folder, WORDS).files)


def rule_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Return name -> rule. One in a later ontology folder replaces one in an earlier."""
    return _by_name(listing(folder / _RULES, RULES) for folder in folders)


def question_files(project: Project) -> dict[str, Path]:
    """Return name -> question, sorted by name. One in a later folder replaces one in an earlier."""
    return _by_name(_questions(folder) for folder in project.queries)


def check_files(project: Project) -> dict[str, Path]:
    """Return name -> check across articles, sorted by name. One in a later folder replaces one in an earlier."""
    return _by_name(listing(folder / _CHECKS, CHECKS) for folder in project.queries)


def every_path(project: Project) -> Iterator[Path]:
    """Yield all paths that are read, and all that are reported as unread."""
    data = project.data.iterdir() if project.data.is_dir() else ()
    for kind in (articles(project), registry(project), *_others(project)):
        yield from (*kind.files, *(unread.path for unread in kind.unread))
    yield from data


def unread_findings(project: Project, data: Iterable[FolderListing], texts: Iterable[Path] = ()) -> tuple[Finding, ...]:
    """Return a finding for everything in data/, ontology/ or queries/ that is not read.

    *data* are the articles and the registry. Their files that should be read are left out: their definitions are
    missing elsewhere, so they are sources with a problem. *texts* are the files that articles name as their texts.
    """
    known = frozenset(texts)
    others = (each for folder in _others(project) for each in folder.unread)
    unread = (*_below_data(data), *_in_data(project), *others)
    return tuple(finding_of(project, each) for each in unread if each.meant or not _holds_texts(each.path, known))


def finding_of(project: Project, unread: Unread) -> Finding:
    """Return the finding for something that is not read: an error if its name shows that it should be."""
    severity = Severity.ERROR if unread.meant else Severity.WARNING
    return Finding(Place(project.shown(unread.path)), severity, *explained(project, unread))


def explained(project: Project, unread: Unread) -> tuple[str, str, str]:
    """Return code, message and fix for something that is not read."""
    shown = project.shown(unread.path)
    if unread.readable:
        return "KG-Y014", f"{shown} is not read: {unread.problem}", unread.fix
    return "KG-Y000", f"cannot read {shown}: {unread.problem}", unread.fix


def _ontology(folder: Path) -> FolderListing:
    return listing(folder, ONTOLOGY, frozenset({_RULES}))


def _questions(folder: Path) -> FolderListing:
    return listing(folder, QUESTIONS, frozenset({_CHECKS}))


def _by_name(listings: Iterable[FolderListing]) -> dict[str, Path]:
    files = {name_of(file): file for each in listings for file in each.files}
    return dict(sorted(files.items()))


# -------- files that are not read


def _others(project: Project) -> Iterator[FolderListing]:
    """Yield the contents of the folders of the ontology, the words and the questions."""
    for folder in project.ontology:
        yield from (_ontology(folder), listing(folder / _RULES, RULES))
    yield from (listing(folder, WORDS) for folder in project.words)
    for folder in project.queries:
        yield from (_questions(folder), listing(folder / _CHECKS, CHECKS))


def _below_data(data: Iterable[FolderListing]) -> Iterator[Unread]:
    for folder in data:
        yield from (unread for unread in folder.unread if not unread.meant)
        for file in folder.beside:
            article = file.with_name(file.name.removesuffix(PINS) + ARTICLES.ending)
            if not article.exists():
                fix = f"remove it, or put {article.name} there"
                yield Unread(file, "there is no article beside it", fix, meant=False)


def _in_data(project: Project) -> Iterator[Unread]:
    """Yield everything directly in data/ that is neither a folder nor a file that is read."""
    whole = project.root.is_relative_to(project.data)  # then other files may belong to something else
    ours = {project.root / SETTINGS_FILE, project.build, *project.ontology, *project.queries, *project.words}
    for path in sorted(project.data.iterdir()):
        if not is_passed_over(path.name) and not any(each == path or path in each.parents for each in ours):
            yield from (each for each in _beside(path) if each.meant or not whole)


def _beside(path: Path) -> Iterator[Unread]:
    """Yield the problem of something directly in data/, if there is one."""
    if path.name in ("articles", "registry"):
        return
    if path.name == LINKS_FILE:
        yield from filter(None, [faulty(path)])
    elif fault := faulty(path, ARTICLES):
        yield fault
    elif path.is_dir():
        yield _folder(path)
    elif path.name.lower().endswith(".tsv"):
        yield Unread(path, f"links to other registries are in {LINKS_FILE}", f"rename it to {LINKS_FILE}")
    elif path.suffix.lower() in (".yaml", ".yml"):
        yield Unread(path, "it is not in one of the folders", "move it to articles/ or registry/")
    else:
        yield Unread(path, "its name does not match any kind of data", "move it to another folder", meant=False)


def _folder(path: Path) -> Unread:
    near = nearest(path.name, ("articles", "registry"), most=1, least=0.7)
    if near:
        return Unread(path, "its name does not match any kind of data", f"did you mean {near[0]}/?")
    return Unread(path, "data is in articles/ and registry/", "move the folder elsewhere", meant=False)


def _holds_texts(path: Path, texts: frozenset[Path]) -> bool:
    """Return whether *path* is a file that an article names as its text, or a folder with only such files."""
    if not path.is_dir():
        return path in texts
    files = [file for file in path.rglob("*") if not file.is_dir() and not is_passed_over(file.name)]
    return all(file in texts for file in files)
