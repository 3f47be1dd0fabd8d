"""`rostra speak` and `rostra listen`: a speaker and a listener without a browser."""

import asyncio
import dataclasses
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from rostra.app import logs
from rostra.app.cli_base import EXITS, AsJson, app
from rostra.domain.errors import PeerError

LINK_VARIABLE = "ROSTRA_LINK"
"""Where `speak -` reads its link from, so that no list of processes shows it."""


@app.command(epilog=EXITS)
def speak(
    link: Annotated[
        str,
        typer.Argument(metavar="URL", help=f"Speaker's link; '-': see {LINK_VARIABLE}."),
    ],
    file: Annotated[Path, typer.Option("--file", help="What to say: any file with audio.")],
    *,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at its end.")] = False,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, help="Leave after this long.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name shown on the stage.")] = "",
) -> None:
    """Speak a file into a space, over WebRTC, on the link alone."""
    from rostra.app.speaking import speak_link  # noqa: PLC0415 - imports the whole of WebRTC

    logs.configure("auto", "speak")
    if not file.is_file():
        sentence = f"There is no file {file}. Mend --file."
        raise PeerError(sentence)
    url = os.environ.get(LINK_VARIABLE, "") if link == "-" else link
    last = asyncio.run(speak_link(url, file, loop=loop, seconds=seconds, name=name))
    if last:
        typer.echo(last)


@app.command(epilog=EXITS)
def listen(
    url: Annotated[str, typer.Argument(metavar="URL", help="Page of a space, or a stream.")],
    *,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="How long, from the first sound on.")
    ] = 10.0,
    out: Annotated[Path | None, typer.Option("--out", help="Write what was heard (WAV).")] = None,
    transport: Annotated[
        str | None,
        typer.Option("--transport", help="push, opus, aac, mp3 or hls.", show_default="push"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Listen to a space and say how soon, how late and how whole the sound came."""
    from rostra.app.listen import listen as hear  # noqa: PLC0415 - imports decoders

    logs.configure("auto", "listen")
    heard = dataclasses.asdict(asyncio.run(hear(url, seconds, out, transport)))
    if as_json:
        typer.echo(json.dumps(heard))
        return
    for key, value in heard.items():
        typer.echo(f"{key:<24}{'-' if value is None else value}")
