"""Chromium takes Opus in our fMP4: what the run says is heard, at its place in the media."""

import base64

import numpy as np
import pytest
from tests.browser.conftest import Launch
from tests.browser.hearing import RATE_HZ, RECORD, best_correlation, bursts, taken

from rostra.delivery.cutting import fragment
from rostra.domain.grid import MESSAGES_PER_PART, OPUS_FRAME_SAMPLES, opus_frames_of
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.programme.drivers.run import ProgrammeRun
from rostra.wire import mp4

pytestmark = pytest.mark.browser

MIME = 'audio/mp4; codecs="opus"'
SECONDS = 4.8
BEGIN_BLOCK = 48 * 3_000
"""The run is 48 minutes old: a joiner's media does not begin at zero."""
CORRELATION_MIN = 0.8
"""As in first light: a page that records on a busy machine leaves out a block now and then."""
SILENCE = np.zeros(46_080, np.float32)

PLAY = """
async ([mime, pieces]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const source = new MediaSource();
  const audio = document.body.appendChild(document.createElement('audio'));
  audio.src = URL.createObjectURL(source);
  await new Promise((open) => source.addEventListener('sourceopen', open, { once: true }));
  const buffer = source.addSourceBuffer(mime);
  for (const piece of pieces) {
    const done = new Promise((end) => buffer.addEventListener('updateend', end, { once: true }));
    buffer.appendBuffer(bytes(piece));
    await done;
  }
  const ranges = Array.from({ length: audio.buffered.length }, (_, at) =>
    [audio.buffered.start(at), audio.buffered.end(at)]);
  audio.currentTime = ranges[0][0];
  window.__audio = audio;
  return ranges;
}
"""


async def test_it_plays_opus_in_fragmented_mp4(launch: Launch) -> None:
    said = bursts(SECONDS)
    run = ProgrammeRun("hall", "run1", 1_723_500_000_000_000, SILENCE)
    messages = []
    for index, mix in enumerate(said.reshape(-1, 960)):
        block = BEGIN_BLOCK + index
        messages += run.step(block, mix, anybody_here=True, state=State.LIVE)
    starts = range(0, len(messages) - MESSAGES_PER_PART + 1, MESSAGES_PER_PART)
    parts = [fragment(messages[at : at + MESSAGES_PER_PART], at, Codec.OPUS) for at in starts]
    pieces = [base64.b64encode(piece).decode() for piece in (mp4.opus_init_segment(), *parts)]
    page = await (await launch()).new_page()
    await page.goto("data:text/html,<title>here</title>")
    assert await page.evaluate("mime => MediaSource.isTypeSupported(mime)", MIME) is True
    ((start, end),) = await page.evaluate(PLAY, [MIME, pieces])
    first_pts = opus_frames_of(messages[0].number).start * OPUS_FRAME_SAMPLES
    assert start == pytest.approx(first_pts / RATE_HZ, abs=0.001)
    assert end - start == pytest.approx(len(parts) * 0.320, abs=0.001)
    await page.evaluate(f"({RECORD})(window.__audio)")
    await page.evaluate("window.__audio.play()")
    # Media time and not recorded time: a busy machine may take a second to begin.
    await page.wait_for_function(f"window.__audio.currentTime > {start + 4.0}")
    heard = taken(await page.evaluate("window.__heard()")).pcm
    assert best_correlation(said[: int(3.2 * RATE_HZ)], heard) > CORRELATION_MIN
    assert await page.evaluate("window.__audio.error") is None
