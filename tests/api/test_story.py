"""The whole story over HTTP: from a planned test to a package that a stranger reads."""

from __future__ import annotations

from hub import Hub, path


def theory(hub: Hub) -> dict[str, str]:
    """What a hub has before anything is tested: problem, measure, aim, driver, site, two ideas."""
    made: dict[str, str] = {}
    curator = hub.curator
    made["problem"] = curator.create(
        "problem",
        '<> a nic:ProblemOfPractice ; rdfs:label "Few learners say why"@en ; nic:summary "Answers come without reasons."@en .',
    )
    made["instrument"] = curator.create(
        "instrument",
        """<> a nic:Instrument ; rdfs:label "Reason rubric, 0 to 3"@en ;
        nic:url "https://example.org/rubric.pdf"^^xsd:anyURI .""",
    )
    made["measure"] = curator.create(
        "measure",
        f"""<> a nic:Measure ; rdfs:label "Share with a reason"@en ;
        nic:operationalDefinition "Tickets that score 2 or 3, divided by tickets handed in, per week." ;
        nic:measureType <https://w3id.org/warranted/scheme/measure-type/outcome> ;
        nic:betterIs "higher" ; nic:unit "percent" ; nic:usesInstrument <{made["instrument"]}> .""",
    )
    made["theory"] = curator.create(
        "theory",
        '<> a nic:TheoryOfImprovement ; rdfs:label "Talk makes reasons"@en ; pav:version "1" .',
    )
    made["aim"] = curator.create(
        "aim",
        f"""<> a nic:Aim ; rdfs:label "More learners give a reason"@en ;
        nic:population "Learners aged 13 to 15" ; nic:baselineValue 20.0 ; nic:targetValue 60.0 ;
        nic:unit "percent" ; nic:targetDate "2026-06-30"^^xsd:date ;
        nic:trackedBy <{made["measure"]}> ; nic:addressesProblem <{made["problem"]}> ;
        nic:statedIn <{made["theory"]}> .""",
    )
    made["driver"] = curator.create(
        "driver",
        f"""<> a nic:PrimaryDriver ; rdfs:label "Classroom talk"@en ;
        nic:contributesTo <{made["aim"]}> ; nic:statedIn <{made["theory"]}> .""",
    )
    for n in (1, 2):
        made[f"site{n}"] = curator.create(
            "site",
            f"""<> a nic:Site ; rdfs:label "Site {n}"@en ; nic:hasContext <#context> .
            <#context> a nic:ContextProfile ;
            nic:facetValue <https://w3id.org/warranted/scheme/locality/rural> .""",
        )
    for name, label, said in (
        ("idea", "Exit ticket with a reason", "Learners write one answer and why it holds."),
        (
            "twin",
            "Exit tickets with reasons",
            "Before the bell learners write an answer and why it holds.",
        ),
    ):
        made[name] = curator.create(
            "idea",
            f"""<> a nic:ChangeIdea ; rdfs:label "{label}"@en ; nic:summary "{said}"@en ;
            nic:addressesDriver <{made["driver"]}> ; nic:hasKnowHow <#k1> .
            <#k1> a nic:KnowHow ; rdfs:comment "Model one reason first ({name})." .""",
        )
        made[f"{name}-v1"] = curator.create(
            "specification",
            f"""<> a nic:ChangeSpecification ; rdfs:label "{label}, version 1"@en ;
            nic:specificationOf <{made[name]}> ; pav:version "1" ;
            nic:hasComponent <#s1> ; nic:deliveredBy "The class teacher" ; nic:dose "Once a week" ;
            nic:cost "No cost" ; nic:deliveryMode "On paper" ; nic:needsMaterial <#m1> .
            <#s1> a nic:ChangeComponent ; rdfs:label "One question asks why"@en ;
            nic:sequence 1 ; nic:isCore true .
            <#m1> a nic:Material ; rdfs:label "Ticket"@en .""",
        )
    return made


def planned(hub: Hub, made: dict[str, str], version: str, site: str) -> str:
    """A test as its team plans it."""
    return hub.contributor.create(
        "test",
        f"""<> a nic:PDSACycle ; rdfs:label "Exit ticket, first cycle"@en ;
        nic:tests <{made[version]}> ; nic:atSite <{made[site]}> ;
        nic:startDate "2026-01-12"^^xsd:date ;
        nic:scale <https://w3id.org/warranted/scheme/scale/small> ;
        nic:stage <https://w3id.org/warranted/scheme/stage/planned> ; nic:byOriginator true ;
        nic:hasPrediction <#prediction> .
        <#prediction> a nic:Prediction ; nic:predictionText "Half of the class will give a reason." ;
        nic:statedOn "2026-01-10"^^xsd:date ; nic:ofMeasure <{made["measure"]}> .""",
    )


REPORT = {
    "stage": "https://w3id.org/warranted/scheme/stage/complete",
    "endDate": "2026-01-16",
    "asPlanned": True,
    "peopleReached": 24,
    "decision": "https://w3id.org/warranted/scheme/decision/expand",
    "hasFinding": {
        "id": "#finding",
        "type": "TestFinding",
        "predictionOutcome": "https://w3id.org/warranted/scheme/prediction/met",
        "basis": "https://w3id.org/warranted/scheme/basis/data",
        "whatHappened": "More than half of the class gave a reason.",
        "learned": "Read three reasons aloud the next day; it shows what you want.",
        "harmAsked": True,
        "harmSeen": False,
    },
}


def test_from_a_planned_test_to_a_package_that_a_stranger_reads(any_hub: Hub) -> None:
    hub = any_hub
    made = theory(hub)
    curator, member, reviewer = hub.curator, hub.contributor, hub.reviewer

    # A member plans a test; nobody outside the network can tell that it exists.
    test = planned(hub, made, "idea-v1", "site1")
    assert member("GET", path(test)).status_code == 200
    missing = hub.stranger.get(path(test[:-4] + "zzzz"))
    for who in (hub.outsider, hub.stranger):
        answer = who("GET", path(test)) if callable(who) else who.get(path(test))
        assert answer.status_code == 404
        assert answer.json()["detail"] == missing.json()["detail"]

    # She reports it and hands it in; the curator sends it back, and she puts it right.
    member.patch(test, REPORT)
    member.step(test, "submit")
    (waiting,) = [r for r in curator.get("/api/v1/reviews")["items"] if r["id"] == test]
    assert {"return", "accept"} <= set(waiting["steps"])
    refused = member.step(test, "accept", status=403)
    assert "curator" in refused["needs"]
    assert curator.step(test, "return", status=400)["field"] == "reason"
    curator.step(test, "return", "Say how many learners it reached.")
    said = member.get(f"{path(test)}/comments")["items"]
    assert [(c["role"], c["action"], c["text"]) for c in said] == [
        ("curator", "return", "Say how many learners it reached.")
    ]
    member.patch(test, {"peopleReached": 26})
    member.step(test, "submit")
    curator.step(test, "accept")
    other = planned(hub, made, "twin-v1", "site2")
    member.patch(other, REPORT)
    member.step(other, "submit")
    curator.step(other, "accept")

    # What changed is told in the words of the form.
    versions = member.get(f"{path(test)}/versions")["items"]
    assert [v["action"] for v in versions] == [
        "create", "patch", "submit", "return", "patch", "submit", "accept",
    ]  # fmt: skip
    told = member.get(f"{path(test)}/compare?from=4&to=5")["changes"]
    assert [c["sentence"] for c in told] == ["People reached: from ‘24’ to ‘26’"]

    # Two ideas say the same: suggested with reasons, and made one with all their evidence.
    for name in ("idea", "twin", "idea-v1", "twin-v1"):
        curator.through(made[name], "submit", "accept")
    (pair, *_) = curator.get("/api/v1/similar", params={"idea": made["idea"]})["items"]
    assert pair["other"] == made["twin"]
    pairs = curator.get("/api/v1/similar", params={"limit": 200})["items"]
    assert {made["idea"], made["twin"]} in [{p["idea"], p["other"]} for p in pairs]
    assert "Both act on the driver ‘Classroom talk’." in pair["reasons"]
    before = curator.get(f"{path(made['idea'])}/warrant?workspace")
    assert before["R_s"] == 1
    request = {"kept": made["idea"], "merged": made["twin"], "reason": "The same ticket."}
    merge = curator.post("/api/v1/merges", request, 201)
    assert made["twin-v1"] in merge["moved"]
    kept = curator.get(path(made["idea"]), headers={"Accept": "application/ld+json"})
    assert {k["comment"] for k in kept["hasKnowHow"]} == {
        "Model one reason first (idea).",
        "Model one reason first (twin).",
    }
    assert kept["wasDerivedFrom"] == made["twin"]
    gone = curator.get(path(made["twin"]), headers={"Accept": "application/ld+json"})
    assert gone["isReplacedBy"] == made["idea"]
    assert curator.get(f"{path(made['idea'])}/warrant?workspace")["R_s"] == 2

    # A reviewer judges what the rules say; its author may not be the one who accepts it.
    assessment = curator.post(f"{path(made['idea'])}/assessments", status=201)["id"]
    level = curator.get(f"{path(made['idea'])}/warrant?workspace")["level"]
    judgement = reviewer.create(
        "judgement",
        f"""<> a nic:Adjudication ; rdfs:label "Held at what the rules say"@en ;
        nic:aboutIdea <{made["idea"]}> ; nic:reviews <{assessment}> ;
        nic:warrantLevel <https://w3id.org/warranted/scheme/warrant/{level}> ;
        nic:assessedOn "2026-06-10"^^xsd:date ; nic:reviewBy "2027-06-10"^^xsd:date ;
        nic:rationale "Both sites saw it go as predicted, and nothing speaks against it yet." ;
        nic:namedReviewer <#lead> , <#analyst> .
        <#lead> a prov:Agent ; rdfs:label "Hub improvement lead"@en ; nic:isOriginator false .
        <#analyst> a prov:Agent ; rdfs:label "Hub analyst"@en ; nic:isOriginator false .""",
    )
    reviewer.step(judgement, "submit")
    refused = reviewer.step(judgement, "accept", status=403)
    assert "someone else" in refused["detail"]
    hub.administrator.step(judgement, "accept")

    # A package is put together from the idea; who wrote it may not publish it.
    for name in ("problem", "instrument", "measure", "theory", "aim", "driver", "site1", "site2"):
        curator.through(made[name], "submit", "accept")
    source = curator.create(
        "source",
        """<> a nic:Source ; rdfs:label "The network's own minutes"@en ;
        dcterms:title "Minutes of the network"@en ; nic:organisation "The network" ;
        nic:yearText "2026" ; nic:sourceKey "S1" ;
        nic:url "https://example.org/minutes.pdf"^^xsd:anyURI .""",
    )
    curator.through(source, "submit", "accept")
    package = curator.create(
        "package",
        f"""<> a nic:ChangePackage ; rdfs:label "Reasons in algebra"@en ;
        dcterms:title "Reasons in algebra"@en ; nic:slug "reasons-{package_name(hub)}" ;
        nic:summary "Ways to have learners say why, tried at two rural schools."@en ;
        nic:field <https://w3id.org/warranted/scheme/field/education> ;
        nic:packageOf <{hub.network}> ; pav:version "1" ; dcterms:issued "2026-09-01"^^xsd:date ;
        nic:funding "None; it was part of the work." ; nic:ethics "Improvement work; no review needed." ;
        nic:hasPart <{made["idea"]}> .""".replace("nic:hasPart", "dcterms:hasPart")
        + """ <> nic:hasLimitation <#l1> . <#l1> a nic:Limitation ; nic:sequence 1 ;
        nic:statementText "Two schools only." ; nic:reference <#ref> .
        <#ref> a nic:SourceReference ; nic:source <SOURCE> ; nic:locator "p. 1" .""".replace(
            "SOURCE", source
        ),
    )
    told = curator.post(f"{path(package)}/assemble", {"ideas": [made["idea"]]})
    for name in ("idea", "idea-v1", "twin-v1", "driver", "aim", "measure", "problem", "site1"):
        assert made[name] in told["parts"], name
    assert {test, other} <= set(told["parts"])
    assert made["twin"] not in told["parts"]
    curator.step(package, "submit")
    why = curator.get(f"{path(package)}/may")
    assert not why["accept"]["allowed"]
    assert "reviewer" in why["accept"]["needs"]
    reviewer.through(package, "accept", "publish")
    held = hub.administrator("POST", "/api/v1/releases")
    assert held.status_code == 409
    assert "network 'Talk in algebra', which is draft" in held.json()["errors"][0]["message"]
    hub.administrator.through(hub.network, "submit", "accept")
    answer = hub.administrator("POST", "/api/v1/releases")
    assert answer.status_code == 201, answer.text

    # A stranger reads it, its idea and its test; a draft is still not there.
    slug = f"reasons-{package_name(hub)}"
    assert "Reasons in algebra" in hub.stranger.get(f"/{slug}/").text
    read = hub.stranger.get(path(made["idea"]), headers={"Accept": "text/turtle"})
    assert "Exit ticket with a reason" in read.text
    assert hub.stranger.get(path(test)).status_code == 200
    draft = planned(hub, made, "idea-v1", "site2")
    assert hub.stranger.get(path(draft)).status_code == 404
    rows = hub.stranger.get(
        "/sparql", params={"query": f"ASK {{ {{ <{draft}> ?p ?o }} UNION {{ ?s ?p <{draft}> }} }}"}
    )
    assert rows.json()["boolean"] is False

    # What was merged can be parted again; what was learned since stays.
    curator.post(f"/api/v1/merges/{merge['id']}/split", {"reason": "They differ after all."})
    spec = curator.get(path(made["twin-v1"]), headers={"Accept": "application/ld+json"})
    assert spec["specificationOf"] == made["twin"]
    kept = curator.get(path(made["idea"]), headers={"Accept": "application/ld+json"})
    assert kept["hasKnowHow"]["comment"] == "Model one reason first (idea)."
    assert curator.get(f"{path(made['idea'])}/warrant?workspace")["R_s"] == 1


def package_name(hub: Hub) -> str:
    return hub.network.rpartition("/")[2]
