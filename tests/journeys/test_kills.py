"""The desk killed in the middle of everything: what it acknowledged is there, and nothing half."""

import tempfile
from pathlib import Path

import pytest

from tests.campaigns.faults.scene import memory
from tests.journeys import kill_campaign
from tests.journeys.kill_campaign import ACTS

KILLS = 54
LEAST_INSIDE = 10


@pytest.mark.heavy
def test_every_acknowledged_act_survives_a_kill_and_no_act_is_half(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (
        tempfile.TemporaryDirectory(dir=memory()) as folder,
        kill_campaign.begun(Path(folder), seed=1) as campaign,
    ):
        for aim in kill_campaign.aims(KILLS, LEAST_INSIDE, campaign):
            campaign.kill(*aim)
        campaign.evidence.look_at_everything()
    with capsys.disabled():
        print(f"\n{campaign.table()}")
    assert campaign.kills >= 50
    inside = {act: campaign.inside(act) for act in ACTS[:3]}
    assert min(inside.values()) >= LEAST_INSIDE, inside
    in_transaction = {act: campaign.landed[act, "in transaction"] for act in ACTS[:3]}
    assert min(in_transaction.values()) > 0, in_transaction
    assert not campaign.empty(), "no kill fell in some phase"
