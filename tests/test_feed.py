"""Feeds of what changed: each step between generations is an entry that stays as it is, whatever things are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree
from xml.etree.ElementTree import Element, fromstring

import pytest
from click.testing import CliRunner
from lxml import etree
from starlette.testclient import TestClient

from kg.bench import feed as feed_module
from kg.bench.generation_steps import kept_generations
from kg.cli import cli
from kg.core.aside import AsideLimits
from kg.core.errors import InputError, UsageError
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.render.atom import Feed, FeedEntry, FeedSection, atom
from kg.store.generations import history, rollback
from kg.web import feeds as feeds_module
from kg.web.app import application
from kg.web.public import public_url
from kg.web.site import open_site
from tests.serving import BASE, SETTINGS, client_of, copy_project

ATOM, HTML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "feeds" / "atom.rng"))
HOSTILE = """</title><script>alert('x')</script>&amp; "Lind" ]]>"""
PEOPLE, STATION = "data/registry/people.yaml", "data/articles/station-opens.yaml"
NEW_PERSON = "vera-novak:\n  type: Person\n  name: {en: Vera Novak}\n"


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def rename(project: Project, old: str, new: str) -> None:
    for file in project.data.rglob("*.yaml"):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with these generations: 1, the first; 2, a post changes; 3, a hostile name; 4, another id; 3 again; 5,
    a new person, and a participation of another; 6, without that person."""
    root = tmp_path_factory.mktemp("story") / "project"
    copy_project(Path(__file__).parent / "fiction", root)
    with (root / "kg.toml").open("a", encoding="utf-8") as settings:
        settings.write("generations = 9\n")
    project, hour = load_project(root), iter(range(1, 10))

    def publish() -> None:
        build(project, built=f"2026-03-01T0{next(hour)}:00:00+00:00")

    (root / "kg.toml").write_text("generations = 9\n" + (root / "kg.toml").read_text().replace("generations = 9\n", ""))
    project = load_project(root)
    publish()
    edit(project, "data/articles/harbour-study.yaml", "title: Director\n", "title: Director General\n")
    edit(project, "data/articles/harbour-study.yaml", "The director of the", "The director general of the")
    publish()
    people = (root / PEOPLE).read_text(encoding="utf-8")
    yaml = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    edit(project, PEOPLE, "name: {en: Mara Lind}", f'name: {{en: Mara Lind}}\n  alternativeName: {{en: "{yaml}"}}')
    publish()
    copytree(project.data, root / "kept")
    rename(project, "mara-lind", "mara-linden")
    publish()
    rollback(project.build, 3)
    rmtree(project.data)
    (root / "kept").rename(project.data)
    (root / PEOPLE).write_text((root / PEOPLE).read_text(encoding="utf-8") + NEW_PERSON, encoding="utf-8")
    edit(project, STATION, "participant: mara-lind, side: Guest,", "participant: mara-lind, side: Host,")
    publish()
    edit(project, PEOPLE, NEW_PERSON, "")
    publish()
    assert people
    return project


def feed(project: Project, *options: str) -> Element:
    """Return the feed that `kg feed` writes, which is valid."""
    done = CliRunner().invoke(cli, ["-C", str(project.root), "-q", "feed", *options])
    assert done.exit_code == 0, done.output
    return valid(done.stdout_bytes)


def valid(document: bytes) -> Element:
    SCHEMA.assertValid(etree.fromstring(document))
    read = fromstring(document)
    links = [link.get("rel") for link in read.findall(f"{ATOM}link")]
    assert len(links) == len({*links})
    assert "alternate" in links
    return read


def titles(read: Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in read.iter(f"{ATOM}entry")]


def texts(read: Element, name: str) -> list[str]:
    return [each.text or "" for each in read.iter(f"{ATOM}{name}")]


def content(read: Element, number: int) -> str:
    entry = list(read.iter(f"{ATOM}entry"))[number]
    return " ".join("".join(entry.find(f"{ATOM}content").itertext()).split())  # type: ignore[union-attr]


# -------- what changed


def test_each_step_that_changed_something_about_a_thing_is_an_entry_newest_first(story: Project) -> None:
    read = feed(story, "--about", "Mara Lind")
    assert titles(read) == [
        "Mara Lind: Inauguration “Opening of the tide research station” changed",
        "Mara Lind: has the id person/mara-lind now (rolled back)",
        "Mara Lind: has the id person/mara-linden now",
        "Mara Lind: Person “Mara Lind” changed",
        "Mara Lind: Post of Mara Lind changed",
    ]
    hours = [text[11:13] for text in texts(read, "updated")]
    assert hours == ["05", "05", "04", "04", "03", "02"]  # of the feed, then of the later generation of each step


def test_an_entry_has_the_words_of_the_difference_and_links_to_its_article(story: Project) -> None:
    read = feed(story, "--about", "mara-lind")
    last = content(read, 4)
    assert "From generation 1 to generation 2, built 2026-03-01 02:00." in last
    assert "changed: Post of Mara Lind [director]" in last
    assert "title Director -> Director General" in last
    entry = list(read.iter(f"{ATOM}entry"))[4]
    assert [link.get("href") for link in entry.iter(f"{HTML}a")] == [f"{BASE}article/harbour-study"]
    assert "Generation 3 was made current again in place of generation 4" in content(read, 1)


def test_a_thing_that_appears_and_disappears_has_a_feed_although_it_is_gone(story: Project) -> None:
    assert titles(feed(story, "--about", "Vera Novak")) == ["Vera Novak: no longer in the graph", "Vera Novak: new"]


def test_a_former_id_leads_to_what_changed_under_both_until_it_went(story: Project) -> None:
    assert titles(feed(story, "--about", "person/mara-linden")) == titles(feed(story, "--about", "mara-lind"))[1:]


def test_other_things_are_left_out(story: Project) -> None:
    assert titles(feed(story, "--about", "greta-holm")) == []


def test_an_article_changes_with_all_its_facts(story: Project) -> None:
    read = feed(story, "--about", "article/harbour-study")
    assert "title Director -> Director General" in content(read, len(titles(read)) - 1)


def test_the_answer_to_a_question_with_arguments(story: Project) -> None:
    read = feed(story, "--question", "posts-of-person", "person=mara-lind")
    assert titles(read) == ["Posts of a person (person mara-lind): 1 row added and 1 row removed"]
    assert "post: Director General" in content(read, 0)
    assert titles(feed(story, "--question", "posts-of-person", "person=greta-holm")) == []


def test_ids_stay_and_differ_between_entries_and_feeds(story: Project, tmp_path: Path) -> None:
    ids = [texts(feed(story, *options), "id") for options in (["--about", "mara-lind"], ["--about", "vera-novak"])]
    assert len({*ids[0], *ids[1]}) == 6 + 3
    copy = load_project(Path(copytree(story.root, tmp_path / "copy", symlinks=True)))
    edit(copy, PEOPLE, "name: {en: Ida Brandt}", "name: {en: Ida Elin Brandt}")
    build(copy, built="2026-03-01T08:00:00+00:00")
    assert texts(feed(copy, "--about", "mara-lind", "--url", "https://example.org/a.atom"), "id") == ids[0]


def test_a_rollback_is_an_entry_before_anything_new_is_built(story: Project, tmp_path: Path) -> None:
    copy = load_project(Path(copytree(story.root, tmp_path / "copy", symlinks=True)))
    before = titles(feed(copy, "--about", "vera-novak"))
    rollback(copy.build, 5)
    assert titles(feed(copy, "--about", "vera-novak")) == ["Vera Novak: new (rolled back)", *before]


def test_the_first_generation_has_a_feed_without_entries(fiction: Project) -> None:
    read = feed(fiction, "--about", "mara-lind")
    assert titles(read) == []
    assert "that are kept: generation 1." in texts(read, "subtitle")[0]


def test_a_hostile_name_is_text(story: Project) -> None:
    read = feed(story, "--about", "mara-lind")
    assert HOSTILE in content(read, 3)
    assert {element.tag.rpartition("}")[2] for element in read.iter()} <= set(
        "feed id title subtitle updated author name link generator entry content div p h3 a ul li".split()
    )


def test_what_no_xml_may_contain_is_replaced() -> None:
    nasty = "a\x00b\x0b\u202e\ud800<&>\"'"
    section = FeedSection(nasty, "https://example.org/?a=1&b=2", ((nasty, (nasty,)),))
    entry = FeedEntry("tag:example.org,2026:1", nasty, "2026-01-01T00:00:00Z", nasty, (section,))
    made = Feed("tag:example.org,2026:0", nasty, nasty, "2026-01-01T00:00:00Z", nasty, "", "", BASE, "1", [entry])
    read = valid(atom(made))
    assert texts(read, "title")[1] == "a\ufffdb \ufffd\ufffd<&>\"'"


# -------- bounds


def test_only_the_newest_steps_are_listed_and_the_feed_says_so(story: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MOST_STEPS", 2)
    read = feed(story, "--about", "mara-lind")
    assert len(titles(read)) == 1
    assert texts(read, "subtitle")[0].endswith("generations 1 to 6. Only the newest 2 steps are listed.")


def test_long_entries_are_cut_and_say_by_how_much(story: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MOST_LINES", 0)
    read = feed(story, "--about", "article/station-opens")
    cut = [content(read, number) for number in range(len(titles(read)))]
    assert any(re.search(r"Not listed \d+ more lines?; 'kg diff' lists all", text) for text in cut)


def test_more_generations_are_kept_if_the_settings_say_so(story: Project) -> None:
    assert [manifest.number for manifest in history(story.build)] == [6, 5, 4, 3, 2, 1]


# -------- errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "give either --about or --question"),
        (["--about", "a", "--question", "b"], "give either --about or --question"),
        (["--about", "nobody-at-all"], "nobody-at-all"),
        (["--about", "Jan Vester"], "jan-vester-pilot"),
        (["--about", "Mara", "Lind"], "quote a name with spaces"),
        (["--question", "no-such"], "there is no query 'no-such'"),
        (["--question", "posts-of-person", "person"], "'person' is no PARAMETER=VALUE"),
        (["--question", "posts-of-person", "who=mara-lind"], "has no parameter 'who'"),
        (["--question", "posts-of-person", "person=nobody"], "person: 'nobody'"),
    ],
    ids=str,
)
def test_a_feed_of_nothing_is_refused(fiction: Project, options: list[str], message: str) -> None:
    done = CliRunner().invoke(cli, ["-C", str(fiction.root), "feed", *options])
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)


def test_a_project_that_was_never_built_has_no_feed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing has been published yet"):
        kept_generations(tmp_path)


# -------- the server


@pytest.fixture(scope="module")
def client(story: Project) -> Iterator[TestClient]:
    with client_of(story) as client:
        yield client


def test_the_pages_of_things_and_answers_lead_to_their_feeds(client: TestClient) -> None:
    pages = {
        "/person/mara-lind.html": "/feed/about/person/mara-lind",
        "/article/harbour-study": "/feed/about/article/harbour-study",
        "/questions/posts-of-person?person=mara-lind": "/feed/question/posts-of-person?person=mara-lind",
    }
    for page, address in pages.items():
        shown = client.get(page, headers={"accept": "text/html"}).text
        assert f'<link rel="alternate" type="application/atom+xml" title="What changed" href="{address}">' in shown
        assert f'<a href="{address}" type="application/atom+xml" rel="nofollow">Feed of changes</a>' in shown


def test_a_feed_is_served_with_the_entries_of_the_command(client: TestClient, story: Project) -> None:
    answer = client.get("/feed/about/person/mara-lind")
    assert answer.headers["content-type"] == "application/atom+xml"
    read, written = valid(answer.content), feed(story, "--about", "mara-lind")
    assert (titles(read), texts(read, "id")) == (titles(written), texts(written, "id"))
    links = {link.get("rel"): link.get("href") for link in read.findall(f"{ATOM}link")}
    assert links["self"] == "http://testserver/feed/about/person/mara-lind"
    assert links["alternate"] == "http://testserver/person/mara-lind"
    asked = valid(client.get("/feed/question/posts-of-person?person=mara-lind").content)
    assert texts(asked, "id") == texts(feed(story, "--question", "posts-of-person", "person=mara-lind"), "id")


def test_a_client_that_has_a_feed_is_told_so_and_no_step_is_compared_twice(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/feed/about/person/vera-novak")
    monkeypatch.setattr(feeds_module, "step_entries_aside", lambda *_: pytest.fail("compared again"))
    again = client.get("/feed/about/person/vera-novak", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    under_another_address = client.get("/feed/about/person/vera-novak?x=1")
    assert titles(valid(under_another_address.content)) == titles(valid(first.content))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/feed/about/person/nobody", 404),
        ("/feed/about/", 404),
        ("/feed/about/..%2f..%2fetc", 404),
        ("/feed/question/no-such", 404),
        ("/feed/question/posts-of-person?person=nobody", 404),
        ("/feed/question/posts-of-person?who=x", 400),
    ],
)
def test_a_feed_of_nothing_is_an_error_of_the_request(client: TestClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_feeds_are_below_the_public_address(story: Project) -> None:
    settings = replace(SETTINGS, public=public_url("https://kg.example.org/base/"), hosts=None)
    with TestClient(application(open_site(story), settings)) as client:
        page = client.get("/person/mara-lind.html").text
        read = valid(client.get("/feed/about/person/mara-lind").content)
    assert 'href="/base/feed/about/person/mara-lind"' in page
    addresses = {link.get("href", "") for link in (*read.iter(f"{ATOM}link"), *read.iter(f"{HTML}a"))}
    licence = {"https://creativecommons.org/licenses/by/4.0/"}
    assert {address for address in addresses if not address.startswith("https://kg.example.org/base/")} == licence


def test_a_feed_that_takes_too_long_is_stopped(story: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds_module, "AsideLimits", lambda: AsideLimits(seconds=0.05))
    with client_of(story) as client:
        answer = client.get("/feed/about/person/mara-lind")
    assert answer.status_code == 504
    assert "the feed was stopped after 0.05 s" in answer.text
