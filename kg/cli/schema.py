"""`kg schema`: the JSON Schema of the mapping language, with the project's ontology and registry."""

from __future__ import annotations

import json

import click

from kg.cli.output import OutputPath, write
from kg.cli.session import Session


@click.command("schema")
@click.option(
    "--what", type=click.Choice(["article", "registry"]), default="article", help="The kind of file that it describes."
)
@click.option("-o", "--output", type=OutputPath(), help="Write the schema to this file.")
@click.pass_obj
def command(session: Session, what: str, output: str | None) -> int:
    """Write the JSON Schema that lets an editor complete and check mappings: keys, types, codes and registry ids.

    Write it again when the ontology or the registry changes. An editor finds it by a first line such as
    '# yaml-language-server: $schema=../../ontology/mapping.schema.json'.
    """
    from kg.mapping.schema import article_schema, registry_schema
    from kg.ontology.load import project_vocabulary
    from kg.pipeline.compile import registry_names
    from kg.project.sources import read_sources

    project = session.project
    vocabulary = project_vocabulary(project)
    entities = registry_names(project, vocabulary, read_sources(project).registry)
    schema = (article_schema if what == "article" else registry_schema)(vocabulary, entities)
    written = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    write(written, output)
    return 0
