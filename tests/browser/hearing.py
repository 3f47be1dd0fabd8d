"""What a real browser says and hears: recording in the page, and comparing outside it."""

import base64
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.float32]

RATE_HZ = 48_000
ONSET_EVERY_S = 1.6
ONSET_HZ = 900.0
PIECE_S = 0.1
PIECE_MOVES_S = 0.03
"""A rate of 0.96 to 1.04 moves the next piece by 4 ms, Chromium's steps of stretching by 10, and a
block that a busy page does not record by 21."""
QUIET_PIECE = 1e-4
"""Of the energy of all: pieces below it are silence, which is everywhere."""
PLACES_MAX = 3
SILENT_POWER = 1e-9

RECORD = """
(element) => {
  const context = new AudioContext({ sampleRate: 48000 });
  const stream = element instanceof MediaStream ? element : element.captureStream();
  const source = context.createMediaStreamSource(stream);
  const tap = context.createScriptProcessor(1024, 1, 1);
  const pieces = [];
  let first = 0;
  tap.onaudioprocess = (event) => {
    if (!first) first = performance.timeOrigin + performance.now() - 1000 * 1024 / 48000;
    pieces.push(event.inputBuffer.getChannelData(0).slice());
  };
  source.connect(tap);
  tap.connect(context.destination);
  window.__heard_s = () => (pieces.length * 1024) / 48000;
  window.__heard = () => {
    const whole = new Float32Array(pieces.length * 1024);
    pieces.forEach((piece, at) => whole.set(piece, at * 1024));
    const bytes = new Uint8Array(whole.buffer);
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768)
      text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return { first, pcm: btoa(text) };
  };
  return context.resume();
}
"""
"""Taps an element's (or a stream's) sound in the page; `window.__heard()` gives it back."""

BARE_MICROPHONE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const bare = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
navigator.mediaDevices.getUserMedia = async (wanted) =>
  (window.__microphone = await ask({ audio: { ...wanted.audio, ...bare } }));
"""
"""Chromium's own voice processing is not Rostra's: with it, the track that leaves the page already
correlates only 0.7 with the file."""


@dataclass(frozen=True)
class Recording:
    """Mono sound at 48 kHz; `first_ms` is when its first sample was, in UTC milliseconds."""

    first_ms: float
    pcm: Pcm


def taken(answer: dict[str, Any]) -> Recording:
    """What `window.__heard()` returned."""
    return Recording(
        float(answer["first"]), np.frombuffer(base64.b64decode(answer["pcm"]), dtype=np.float32)
    )


def envelope(pcm: Pcm, hop: int = 480) -> Pcm:
    """RMS every 10 ms."""
    whole = pcm[: len(pcm) // hop * hop].reshape(-1, hop)
    loud: Pcm = np.sqrt((whole**2).mean(axis=1)).astype(np.float32)
    return loud


def best_correlation(said: Pcm, heard: Pcm) -> float:
    """Highest normalised cross-correlation of `said` (shorter) within `heard`."""
    return float(np.max(_correlations(said, heard)))


def followed_correlation(said: Pcm, heard: Pcm) -> float:
    """As `best_correlation`, for sound that a player may stretch: piece after piece.

    A page that catches up plays at 0.97 or 1.04 of the speed, and the stretched sound, which
    nobody hears as different, correlates with nothing as a whole. Each piece of `PIECE_S` has to be
    where the one before it ends, give or take what a changed rate moves it; what is missing,
    repeated or out of order is not found there. Weighted by the pieces' energy.
    """
    size = int(PIECE_S * RATE_HZ)
    pieces = said[: len(said) // size * size].reshape(-1, size)
    energy = (pieces**2).sum(axis=1)
    loudest = int(np.argmax(energy))
    places = _places(pieces[loudest], heard)
    return max(_followed(pieces, energy, loudest, place, heard) for place in places)


def _places(piece: Pcm, heard: Pcm) -> list[int]:
    """Where `piece` may be: the file is played in a loop, and one pass may be cut short."""
    alike = _correlations(piece, heard)
    found: list[int] = []
    for _ in range(PLACES_MAX):
        best = int(np.argmax(alike))
        found.append(best)
        alike[max(0, best - len(piece)) : best + len(piece)] = 0.0
    return found


def _followed(
    pieces: Pcm, energy: NDArray[np.floating[Any]], anchor: int, place: int, heard: Pcm
) -> float:
    total = 0.0
    for step, order in ((-1, range(anchor - 1, -1, -1)), (1, range(anchor, len(pieces)))):
        at = place if step == 1 else place - pieces.shape[1]
        for index in order:
            if energy[index] < QUIET_PIECE * energy.sum():
                at += step * pieces.shape[1]
                continue
            found, alike = _near(pieces[index], heard, at)
            total += float(energy[index]) * alike
            at = found + step * pieces.shape[1]
    return total / float(energy.sum())


def _near(piece: Pcm, heard: Pcm, at: int) -> tuple[int, float]:
    reach = int(PIECE_MOVES_S * RATE_HZ)
    low = max(0, at - reach)
    around = heard[low : at + len(piece) + reach]
    if len(around) < len(piece):
        return at, 0.0
    alike = _correlations(piece, around)
    best = int(np.argmax(alike))
    return low + best, float(alike[best])


def _correlations(said: Pcm, heard: Pcm) -> NDArray[np.float64]:
    """Normalised cross-correlation of `said` with `heard` from each of its samples, by FFT."""
    size = 1 << (len(heard) + len(said)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size))
    cross = np.fft.irfft(spectrum, size)[: len(heard) - len(said) + 1]
    energy = np.cumsum(np.concatenate(([0.0], heard.astype(np.float64) ** 2)))
    power = energy[len(said) :] - energy[: -len(said)]
    alike: NDArray[np.float64] = np.abs(cross) / np.sqrt(
        power * float((said**2).sum()) + SILENT_POWER
    )
    return alike


def bursts(seconds: float, starts_s: Sequence[float] | None = None) -> Pcm:
    """Short tone bursts with silence between, for finding onsets; evenly unless `starts_s`."""
    if starts_s is None:
        starts_s = np.arange(0.4, seconds - 0.25, ONSET_EVERY_S).tolist()
    pcm = np.zeros(int(seconds * RATE_HZ), dtype=np.float32)
    length = int(0.25 * RATE_HZ)
    at = np.arange(length) / RATE_HZ
    ramp = np.minimum(1.0, np.minimum(at, at[::-1]) / 0.002)
    tone = (0.5 * ramp * np.sin(2 * np.pi * (ONSET_HZ + 2_400 * at) * at)).astype(np.float32)
    for start in (round(start_s * RATE_HZ) for start_s in starts_s):
        pcm[start : start + length] = tone
    return pcm


def onsets_ms(recording: Recording) -> list[float]:
    """When each burst begins, in UTC milliseconds (2 ms grid)."""
    level = envelope(recording.pcm, hop=96)
    loud = level > max(0.02, 0.25 * float(np.percentile(level, 99)))
    found: list[float] = []
    quiet_since = 0
    for at, is_loud in enumerate(loud):
        if is_loud and at - quiet_since > 150:
            found.append(recording.first_ms + at * 2.0)
        if is_loud:
            quiet_since = at
    return found


def delays_ms(said: list[float], heard: list[float]) -> list[float]:
    """For each onset that was said, how long until the next one heard (under one period)."""
    period = ONSET_EVERY_S * 1_000
    pairs = []
    for moment in said:
        later = [other - moment for other in heard if 0 <= other - moment < period]
        if later:
            pairs.append(min(later))
    return pairs


def show(figures: dict[str, Any]) -> None:
    """A line of JSON for who runs the test with `-s` to read what it measured."""
    sys.stdout.write(json.dumps(figures) + "\n")
