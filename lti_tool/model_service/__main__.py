"""Run the service: ``python -m lti_tool.model_service [--port N] [--script FILE] …``; ``--help`` tells the rest."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from lti_tool.model_service.answers import Answerer
from lti_tool.model_service.command import answer_with
from lti_tool.model_service.models_at_work import adversarial, plausible
from lti_tool.model_service.scripted import Script, ScriptInvalid, load
from lti_tool.model_service.service import ModelService, Pace

HOST = "127.0.0.1"
PORT = 5090


def read_arguments(arguments: list[str]) -> tuple[int, Answerer, Pace]:
    """Port, answerer and pace; leaves with status 2 and a message when they are wrong."""
    parser = argparse.ArgumentParser(prog="coursewright model-service", description="A Messages API on the loopback.")
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on; 0 takes any [default: {PORT}]")
    parser.add_argument("--script", type=Path, help="YAML or JSON list of replies and faults; README.md tells its form")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--adversarial", action="store_true", help="grade by a fixed rule, and obey what students write")
    mode.add_argument("--answer-with", metavar="CMD", help="run CMD for each request: JSON in, the reply's text out")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer begins")
    parser.add_argument("--tokens-per-second", type=float, default=0.0, help="pace of streams; 0 sends all at once")
    given = parser.parse_args(arguments)
    if given.latency < 0 or given.tokens_per_second < 0:
        parser.error("--latency and --tokens-per-second are 0 or more")
    answerer: Answerer = plausible
    if given.adversarial:
        answerer = adversarial
    elif given.answer_with:
        answerer = answer_with(given.answer_with)
    if given.script:
        try:
            answerer = Script(load(given.script), answerer)
        except ScriptInvalid as invalid:
            parser.error(str(invalid))
    return given.port, answerer, Pace(given.latency, given.tokens_per_second)


async def run(port: int, answerer: Answerer, pace: Pace) -> None:
    """Serve until SIGTERM or SIGINT. Says where on standard output once it listens."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = await ModelService(answerer, pace).start(HOST, port)
    sys.stdout.write(f"The model service listens on http://{HOST}:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await stopping.wait()
    server.close()


def main() -> None:
    """Start, and end with the signal; an address in use is told plainly."""
    port, answerer, pace = read_arguments(sys.argv[1:])
    try:
        asyncio.run(run(port, answerer, pace))
    except OSError as error:
        sys.stderr.write(f"Port {port} cannot be used: {error.strerror}. Name another with --port.\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
