"""How loud a programme is, and the constants by which loudness is measured (ITU-R BS.1770-4)."""

from typing import Final

PROGRAMME_LUFS: Final = -16.0
"""What speech is brought to: the loudness of streams of speech (AES TD1008, EBU R 128 s2)."""

ABSOLUTE_GATE_LUFS: Final = -70.0
"""Quieter than this is silence."""

RELATIVE_GATE_LU: Final = -10.0
"""What lies this far below the mean is a pause."""

OFFSET_LUFS: Final = -0.691
"""Makes a sine of 997 Hz at full scale -3.01 LUFS."""

SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (-1.69065929318241, 0.73248077421585),
)
"""The head's effect, table 1, at 48 kHz: feed-forward coefficients, then feedback."""

HIGH_PASS: Final = ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
"""Low tones weigh less, table 2."""
