"""From messages to listeners: cutting ticks and segments, fan-out, the edge's paths."""
