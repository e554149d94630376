"""A command that stands for the model: the request as JSON on its standard input, the reply's text on its output."""

import asyncio
import json
import shlex

from lti_tool.model_service.answers import Answer, Answerer, Body, Fault


def answer_with(command: str) -> Answerer:
    """An answerer that runs `command` for each request, any number at once, for as long as it takes.

    Output is the text, without the line's end; a status other than 0 becomes an error 500.
    """
    words = shlex.split(command)

    async def run(body: Body) -> Answer:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            output, _ = await process.communicate(json.dumps(body, ensure_ascii=False).encode())
        except asyncio.CancelledError:
            process.kill()  # whoever asked has gone
            await process.wait()
            raise
        if process.returncode:
            return Answer(fault=Fault(status=500, message=f"the command ended with status {process.returncode}"))
        return Answer(output.decode("utf-8", "replace").rstrip("\n"))

    return run
