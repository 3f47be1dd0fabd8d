"""The one continuous mix of a space on its timeline: hold audio, encoders, journal."""
