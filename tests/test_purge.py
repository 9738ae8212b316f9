"""A purge leaves nothing of an article below the build folder, and says what it cannot reach."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import EndpointError, FindingsError, UsageError
from kg.curate.edit import Edit
from kg.curate.kept import BenchFolder, History, Step
from kg.pipeline.purge import purge
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.store.folder import numbers
from kg.store.generations import current
from kg.store.scratch import PREFIX
from tests.serving import copy_project
from tests.test_pipeline import FICTION, article, edit, withhold

SECRET = "Zanzibarine mussels were counted twice that year."
ID = "exchange-talks"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with three generations; the sentence was published, changed, and stands in the current one again."""
    folder = tmp_path_factory.mktemp("purge") / "fiction"
    copy_project(FICTION, folder)
    project = load_project(folder)
    file = article(project, ID)
    edit(file, r"^  text: \|\n    ", f"  text: |\n    {SECRET}\n    ")
    build(project)
    edit(file, "Zanzibarine", "Madagascan")
    build(project)
    edit(file, "Madagascan", "Zanzibarine")
    edit(file, r"^curation: \{curator: \w+", "curation: {curator: somebody")
    build(project)
    assert numbers(project.build) == [1, 2, 3]
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    shutil.copytree(built, tmp_path / "project", symlinks=True)
    return load_project(tmp_path / "project")


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below *folder* as it can be read: objects decompressed, and all quads of every store."""
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            yield file, gzip.decompress(data) if file.suffix == ".gz" else data
        if file.name == "store":
            yield file, "\n".join(map(str, ox.Store.read_only(str(file)))).encode()


def holding(folder: Path, *texts: str) -> set[str]:
    return {file.parent.name for file, data in contents(folder) for text in texts if text.encode() in data}


def kg(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(project.root), *arguments])


def test_the_search_of_these_tests_finds_the_sentence_where_it_is(project: Project) -> None:
    places = {
        file.relative_to(project.build).parts[0] for file, data in contents(project.build) if SECRET.encode() in data
    }
    assert places == {"generations", "objects"}


def test_nothing_of_the_text_is_left_in_the_build_folder(project: Project) -> None:
    (project.build / "receipts").mkdir()
    (project.build / "receipts" / "company.json").write_text(f'"{project.base}article/{ID}": "{SECRET}"')
    (project.build / "receipts" / "other.json").write_text(f'"{project.base}article/{ID}-two"')
    bench = BenchFolder(project.build)
    bench.keep_draft(ID, {"words": SECRET})
    bench.keep_draft("harbour-study", {"words": "the tides"})
    bench.keep_history(ID, History().with_step(Step(Edit("talk", None, None), SECRET, SECRET)))
    done = purge(project, ID, source=True)
    assert bench.draft("harbour-study") == {"words": "the tides"}
    assert holding(project.build, SECRET, "Madagascan mussels", "mussels") == set()
    assert done.files == (f"data/articles/{ID}.yaml",)
    assert (done.generations, done.current, done.receipts) == ((1, 2, 3), 4, ("company",))
    assert done.mentions == ()
    assert [file.name for file in (project.build / "receipts").iterdir()] == ["other.json"]
    generation = current(project.build)
    assert generation
    with generation:
        generation.verify()
        assert f"<{project.base}article/{ID}>" not in generation.manifest.graphs
    assert build(project).changed is False


def test_what_a_killed_command_left_goes_too(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for place in (project.build, tmp_path):
        left = place / f"{PREFIX}left"
        left.mkdir()
        (left / "text").write_text(SECRET, encoding="utf-8")
    purge(project, ID, source=True)
    assert not [*project.build.glob(f"{PREFIX}*"), *tmp_path.glob(f"{PREFIX}*")]


def test_the_tables_of_the_store_are_shared_with_no_other_one(project: Project) -> None:
    before = {file.stat().st_ino for file in project.build.rglob("*.sst")}
    purge(project, ID, source=True)
    assert before.isdisjoint(file.stat().st_ino for file in project.build.rglob("*.sst"))


def test_a_source_that_is_there_is_never_removed_unasked(project: Project) -> None:
    with pytest.raises(UsageError, match=f"data/articles/{ID}.yaml exists") as caught:
        purge(project, ID)
    assert "--source" in caught.value.fix
    assert article(project, ID).exists()
    assert numbers(project.build) == [1, 2, 3]


def test_a_source_that_is_gone_already_needs_no_option(project: Project) -> None:
    article(project, ID).unlink()
    assert purge(project, ID).files == ()
    assert holding(project.build, SECRET) == set()


def test_a_text_beside_the_mapping_and_its_pins_go_with_the_source(project: Project) -> None:
    withhold(project)
    build(project)
    name = "harbour-study"
    removed = purge(project, name, source=True).files
    assert removed[0] == f"data/articles/{name}.yaml"
    assert set(removed[1:]) == {f"data/articles/{name}.pins.json", "texts/harbour.txt"}
    assert not any((project.root / file).exists() for file in removed)


def test_an_article_that_nobody_knows_is_a_usage_error(project: Project) -> None:
    with pytest.raises(UsageError, match="comes from an article 'no-such-one'"):
        purge(project, "no-such-one")
    assert numbers(project.build) == [1, 2, 3]


def test_a_generation_that_somebody_reads_is_named_and_a_second_run_completes_it(project: Project) -> None:
    reader = current(project.build)
    assert reader
    with reader, pytest.raises(EndpointError, match="generation 3, which may contain the article, is in use"):
        purge(project, ID, source=True)
    purge(project, ID)
    assert holding(project.build, SECRET) == set()


def test_a_project_with_errors_is_left_without_a_generation(project: Project) -> None:
    edit(article(project, "harbour-study"), r"^  language: .*$", "  language: nonsense")
    done = kg(project, "purge", ID, "--source")
    assert isinstance(done.exception, FindingsError)
    assert holding(project.build, SECRET) == set()
    assert numbers(project.build) == []
    assert current(project.build) is None
    assert not (project.build / "across.json").exists()


def test_it_says_what_it_removed_and_what_it_cannot_reach(project: Project) -> None:
    with (project.root / "kg.toml").open("a") as file:
        file.write('\n[stores.company]\nurl = "http://localhost:1"\n')
    done = kg(project, "purge", ID, "--source")
    assert done.exit_code == 0, done.output
    assert "removed: 1 source file, 3 generations, " in done.stderr
    assert "'kg load company --remove'" in done.stderr
    assert "git filter-repo" in done.stderr
    assert "generation 4 is current, and the only one" in done.stderr
