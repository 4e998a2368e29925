"""`python -m bench`: run every benchmark."""

from __future__ import annotations

from bench import faults, pipeline, sparql, validate, warrant, write

if __name__ == "__main__":
    pipeline.main()
    validate.main()
    warrant.main()
    faults.main()
    write.main()
    sparql.main()
