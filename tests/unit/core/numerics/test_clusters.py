"""Clusters that keep their names: the arithmetic by hand, and labels that no order of rows or seeds can move."""

from __future__ import annotations

import numpy as np
import pytest

from rates_lib.core.numerics.clusters import SPREAD_LIMIT, anchored_means, matched, memberships, partial_distances, robust_scores

NAN = float("nan")
WEIGHT = np.array([1.0, 2.0, 1.0])
CENTRES = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])


def blobs(seed: int = 1, each: int = 40, noise: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """Rows around CENTRES in random order, and whose they are."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(len(CENTRES)), each)
    rows = CENTRES[of] + rng.normal(0, noise, (len(of), 3))
    order = rng.permutation(len(of))
    return rows[order], of[order]


def test_distance_over_what_is_known_on_both_sides() -> None:
    x = np.array([[1.0, 1.0, 1.0], [1.0, NAN, 1.0], [NAN, NAN, NAN]])
    centres = np.array([[0.0, 0.0, 3.0], [0.0, 0.0, NAN]])
    # 1 + 2 + 4; without the third feature (weight 3 of 4) 3 x 4/3; without the second 5 x 4/2, and 1 x 4/1; nothing known: 0
    assert partial_distances(x, centres, WEIGHT) == pytest.approx(np.array([[7.0, 4.0], [10.0, 4.0], [0.0, 0.0]]))


def test_a_centre_is_held_by_its_anchor() -> None:
    x = np.array([[1.0, 0.0, 0.0], [3.0, 0.0, NAN], [50.0, 0.0, 0.0]])
    anchors = np.array([[0.0, 0.0, NAN], [50.0, 0.0, 0.0], [-99.0, 0.0, 0.0]])
    centres = anchored_means(x, anchors, WEIGHT, strength=2.0)
    assert centres[0] == pytest.approx([(2 * 0 + 1 + 3) / 4, 0.0, 0.0])  # a feature without an anchor is the rows' mean
    assert centres[1] == pytest.approx([50.0, 0.0, 0.0])
    assert centres[2] == pytest.approx(anchors[2])  # no row is near: it stays


@pytest.mark.parametrize("seed", range(8))
def test_labels_are_the_same_from_permuted_seeds(seed: int) -> None:
    """Whatever order the fit starts in, matching gives each cluster its old name back."""
    x, of = blobs()
    order = np.random.default_rng(seed).permutation(len(CENTRES))
    found = anchored_means(x, CENTRES[order] + 0.3, WEIGHT, strength=5.0)
    assert (partial_distances(x, found, WEIGHT).argmin(axis=1) == np.argsort(order)[of]).all()
    named = found[matched(found, CENTRES, WEIGHT)]
    assert named == pytest.approx(anchored_means(x, CENTRES + 0.3, WEIGHT, strength=5.0))
    assert (partial_distances(x, named, WEIGHT).argmin(axis=1) == of).all()


@pytest.mark.parametrize("seed", range(4))
def test_labels_are_the_same_from_random_rows_as_seeds(seed: int) -> None:
    x, of = blobs(noise=0.2)
    rng = np.random.default_rng(seed)
    start = x[[rng.choice(np.flatnonzero(of == k)) for k in rng.permutation(len(CENTRES))]]
    found = anchored_means(x, start, WEIGHT, strength=0.0)
    assert (partial_distances(x, found[matched(found, CENTRES, WEIGHT)], WEIGHT).argmin(axis=1) == of).all()


def test_order_of_rows_does_not_matter() -> None:
    x, _ = blobs()
    x[::7, 1] = NAN
    order = np.random.default_rng(3).permutation(len(x))
    assert anchored_means(x[order], CENTRES, WEIGHT, 5.0) == pytest.approx(anchored_means(x, CENTRES, WEIGHT, 5.0))


def test_names_stay_while_clusters_drift_past_each_others_old_place() -> None:
    """Twenty estimates, in which every cluster moves by as much as two of them are apart."""
    x, of = blobs()
    anchors = CENTRES
    for _ in range(20):
        x = x + np.array([0.15, 0.0, 0.0])
        found = anchored_means(x, anchors, WEIGHT, strength=5.0)
        anchors = found[matched(found, anchors, WEIGHT)]
    assert (partial_distances(x, anchors, WEIGHT).argmin(axis=1) == of).all()
    unheld = partial_distances(x, CENTRES, WEIGHT).argmin(axis=1)
    assert (unheld != of).mean() > 0.2  # by the first centres they would be called something else by now


def test_memberships() -> None:
    p = memberships(np.array([[0.0, 2.0], [1e6, 0.0], [4.0, 4.0]]), temperature=1.0)
    assert p.sum(axis=1) == pytest.approx(1.0)
    assert p[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert p[1] == pytest.approx([0.0, 1.0])
    assert p[2] == pytest.approx([0.5, 0.5])


def test_scores_are_of_the_regulars_and_bounded() -> None:
    x = np.array([[0.0, 1.0, NAN], [1.0, 1.0, NAN], [2.0, 1.0, NAN], [3.0, 1.0, NAN], [4.0, 1.0, NAN], [1e9, 7.0, 5.0], [NAN, 1.0, 5.0]])
    among = np.array([True] * 5 + [False] * 2)
    scores = robust_scores(x, among)
    assert scores[:5, 0] == pytest.approx((np.arange(5) - 2) / (2 / 1.349))  # quartiles 1 and 3
    assert scores[5, 0] == SPREAD_LIMIT
    assert np.isnan(scores[6, 0])
    assert np.isnan(scores[:, 1:]).all()  # does not vary; nobody among them has it
