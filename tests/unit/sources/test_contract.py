"""The contract of sources: every provider keeps it, and a request that a source cannot serve is refused with the remedy."""

from pathlib import Path

import pytest

from rates_lib.core.errors import RatesError
from rates_lib.schemas.landing import LANDING
from rates_lib.sources.contract import LEFT_OUT, Delivery, Request, Source, deliver
from rates_lib.sources.registry import Provider, source_of


@pytest.mark.parametrize("provider", Provider)
def test_every_provider_is_a_source(provider: Provider) -> None:
    assert isinstance(source_of(provider), Source)


def test_the_synthetic_league_is_delivered_with_its_truth() -> None:
    delivery = deliver("synthetic", source_of(Provider.SYNTHETIC), Request(seasons=[2024], options={"teams": 4, "games_per_team": 6}))
    assert set(delivery.datasets) <= set(LANDING)
    assert {season for frames in delivery.datasets.values() for season in frames} == {2024}
    assert set(delivery.truth) == {"player_season", "player_game", "game"}
    assert (delivery.left_out.height, dict(delivery.left_out.schema)) == (0, LEFT_OUT)


@pytest.mark.parametrize(
    ("provider", "request_", "message"),
    [
        (Provider.FILES, Request(), "the files provider needs a folder: name it with --path"),
        (Provider.SQLITE, Request(), "the sqlite provider needs a database: name it with --path"),
        (Provider.FILES, Request(Path(), options={"teams": 4}), "the files provider has no option teams: it has none"),
        (Provider.SYNTHETIC, Request(options={"players": 4}), "no option players: it has seed, teams, games_per_team"),
        (Provider.SYNTHETIC, Request(seasons=[2024], options={"teams": 3}), "choose 4 to 30 teams and 4 games a team or more"),
    ],
)
def test_what_a_source_cannot_serve_is_refused(provider: Provider, request_: Request, message: str) -> None:
    with pytest.raises(RatesError, match=message):
        deliver(provider, source_of(provider), request_)


def test_options_that_are_not_given_have_the_sources_default() -> None:
    requests: list[Request] = []

    def read(request: Request) -> Delivery:
        requests.append(request)
        return Delivery({})

    deliver("mine", Source(read, options={"seed": 7, "days": 3}), Request(options={"days": 1}))
    assert requests == [Request(options={"seed": 7, "days": 1})]
