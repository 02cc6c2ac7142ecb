"""Models: training, bundles on disk, choice of the run, predictions."""

import os

# LightGBM's threads spin while they wait for each other: beside other work on the same two cores a fit took nine times as long with two
# threads as with one (40 s against 4.2 s). OpenMP reads this once, when LightGBM is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
