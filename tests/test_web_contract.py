"""The HTTP interface does what its description says: schemathesis asks each operation, with all its checks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from kg.project.settings import Project
from tests.serving import ROOT, app_of

REQUESTS = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 3}
QUESTIONS = [f"/api/queries/{file.stem}" for file in sorted((ROOT / "queries").glob("*.rq"))]
PATHS = ["/api/queries", "/api/queries.ttl", "/api/queries/{name}.ttl", "/api/openapi.json", *QUESTIONS]


@pytest.fixture(scope="module")
def described(fiction: Project) -> Iterator[schemathesis.BaseSchema]:
    app = app_of(fiction)

    async def always_running(scope: Scope, receive: Receive, send: Send) -> None:
        """Start and stop without effect, for each request is sent by a client of its own."""
        if scope["type"] == "http":
            await app(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    with TestClient(app):
        yield schemathesis.openapi.from_asgi("/api/openapi.json", always_running)


def test_every_operation_is_asked(described: schemathesis.BaseSchema) -> None:
    assert sorted(described) == sorted(PATHS)


@pytest.mark.parametrize("mode", REQUESTS, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("path", PATHS)
def test_each_operation_answers_as_it_is_described(
    described: schemathesis.BaseSchema, path: str, mode: GenerationMode
) -> None:
    operation = described[path]["GET"]
    if mode is GenerationMode.NEGATIVE and not operation.definition.raw.get("parameters"):
        return  # there is nothing to get wrong

    @settings(
        max_examples=REQUESTS[mode],
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case) -> None:
        case.call_and_validate()

    asked()
