"""`python -m bench`: run every benchmark."""

from __future__ import annotations

from bench import pipeline, validate, warrant

if __name__ == "__main__":
    pipeline.main()
    validate.main()
    warrant.main()
