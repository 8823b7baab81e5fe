"""Open data of a commitment: what the page says, for programs, described as it is."""

from typing import Any

from tests.city import City
from tests.tracking.test_the_tracker import CODE, milestones


async def test_programs_read_the_plan_the_states_and_their_evidence(city: City) -> None:
    await milestones(city)
    one = (await city.http.get(f"/api/commitments/{CODE}", params={"lang": "en"})).json()
    assert one["plan"]["code"] == "GWANGJU_2021" and one["plan"]["ended"] is True
    assert one["completion"] == {"done": 1, "of": 5, "percent": 20}
    assert one["level"] is None, "no assessment is known, and the city's own word is none"
    assert [(m["number"], m["state"], m["overdue"]) for m in one["milestones"]] == [
        (1, "complete", False),
        (6, "delayed", True),
        (2, "in_progress", False),
        (3, "not_started", False),
        (4, "delayed", False),
        (5, "cancelled", False),
    ]
    assert one["milestones"][0]["evidence"] == [
        {
            "kind": "link",
            "title": "Minutes",
            "date": "2025-12-22",
            "url": "https://example.org/minutes",
            "value": None,
            "unit": None,
        }
    ]
    assert one["silent_since"] == "2025-12-22", "the day of the newest evidence, and no day on which a form was saved"
    other = (await city.http.get("/api/commitments/KRGNJ0002")).json()
    assert other["silent_since"] == "2022-04-30"


async def test_the_description_of_the_data_is_true(city: City) -> None:
    await milestones(city)
    described: dict[str, Any] = (await city.http.get("/openapi.json")).json()["components"]["schemas"]
    (first, _) = (await city.http.get("/api/commitments")).json()["items"]
    for name, thing in (
        ("CommitmentOut", first),
        ("PlanOut", first["plan"]),
        ("MilestoneOut", first["milestones"][0]),
        ("EvidenceOut", first["milestones"][0]["evidence"][0]),
    ):
        assert {*described[name]["properties"]} == {*thing}, name
