"""The whole of it: practice LMS, tool, worker and beat as real processes, and people in real Chromium."""
