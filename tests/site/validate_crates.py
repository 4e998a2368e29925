"""Run by the validator's own Python: RO-Crates against the base profile, without the network.

    python validate_crates.py REQUIRED|RECOMMENDED crate.zip …

Prints a JSON object: crate → what is wrong, as [check, severity, message, entity]. The context of RO-Crate 1.1
comes from the `rocrate` package; no other address answers.
"""

import json
import sys
from pathlib import Path

import requests
import rocrate
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
ADDRESS = "https://w3id.org/ro/crate/1.1/context"
assert json.loads(CONTEXT)["@id"] == ADDRESS


def get(_self, url, *_arguments, **_options):
    answer = requests.Response()
    answer.url = url
    answer.status_code = 200 if url == ADDRESS else 404
    answer._content = CONTEXT if url == ADDRESS else b""
    answer.headers["Content-Type"] = "application/ld+json"
    return answer


HttpRequester.get = get
found = {}
for crate in sys.argv[2:]:
    settings = services.ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="ro-crate-1.1",
        requirement_severity=getattr(models.Severity, sys.argv[1]),
    )
    found[crate] = [
        [i.check.identifier, i.severity.name, i.message, str(i.violatingEntity)]
        for i in services.validate(settings).get_issues()
    ]
print(json.dumps(found))
