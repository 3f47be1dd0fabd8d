"""Every limit that more than one room knows, by name and with its reason.

A room's own limits stand in the room. Relations between limits are asserted in
`tests/unit/domain/test_limits.py`.
"""

from typing import Final

SPEAKERS_MAX: Final = 20
"""People on one stage and behind it: with all of them talking at once, and noise around each, a
studio takes 0.8 of a core (`python -m benchmarks.studio`): one more would want a second one."""

TITLE_CHARS_MAX: Final = 140
"""A title fits a phone's lock screen and a share card."""

NAME_CHARS_MAX: Final = 60
"""A displayed name; longer ones break the grid of avatars."""

DESCRIPTION_CHARS_MAX: Final = 2_000
"""A paragraph or two under the title."""

HOSTS_MAX: Final = 8
"""Hosts that one space names."""

SPACE_ID_CHARS_MAX: Final = 32
"""Fits a path, a NATS token and a file name."""

SDP_BYTES_MAX: Final = 64 * 1024
"""A browser's audio-only offer is 2 to 6 kB; 64 kB leaves room for many candidates."""

MESSAGE_BYTES_MAX: Final = 64 * 1024
"""A message is about 2 kB of audio; the rest is room for notices."""

AAC_UNIT_BYTES_MAX: Final = 768
"""6,144 bits a channel and access unit: the size of a decoder's input buffer (ISO/IEC 14496-3)."""

MP3_FRAME_BYTES_MAX: Final = 1_441
"""The longest frame of MPEG-1 layer III (ISO/IEC 11172-3); ours have 192 bytes."""

OPUS_PACKET_BYTES_MAX: Final = 1_275
"""The largest frame of one packet (RFC 6716, section 3.4); ours have about 80 bytes."""

MARK_CHARS_MAX: Final = 128
"""A device's word, an account, a photograph's name, an invitation's secret: each a random word or a
hash."""

MESSAGE_CHARS_MAX: Final = 280
"""A host's message to everybody: two lines on a phone."""

NOTICES_PER_MESSAGE_MAX: Final = 16
"""More notices than this wait for the next message, 107 ms later."""

NOTICE_BYTES_MAX: Final = 8 * 1024
"""Twenty speakers with names in UTF-8 fit; a notice must not crowd out audio."""

MESSAGE_WINDOW: Final = 564
"""Messages kept for newcomers and HLS: 60.2 s, the JetStream stream's last minute."""

TICKET_CHARS_MAX: Final = 1_024
"""A signed ticket in a URL; browsers and proxies take far more."""

REQUEST_HEAD_BYTES_MAX: Final = 8 * 1024
"""A browser's request head is about 1 kB, 4 kB with cookies of other applications on the host."""

DATA_CHANNEL_BYTES_MAX: Final = 4 * 1024
"""A command from a speaker's page is under 200 bytes."""

COMMANDS_PER_S_MAX: Final = 20
"""Data-channel commands of one participant: a person presses a few buttons a second."""
