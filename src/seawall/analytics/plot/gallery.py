# SPDX-License-Identifier: MIT
"""Every picture there is, by name: an explicit list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.plot import (
    hawkes,
    liquidity,
    network,
    options,
    order_flow,
    plane,
    profile,
    regimes,
    vpin,
)
from seawall.analytics.plot.picture import Picture
from seawall.model.errors import ResearchError

PICTURES: Final[tuple[Picture, ...]] = (
    liquidity.PICTURE, order_flow.PICTURE, profile.PICTURE, vpin.PICTURE, hawkes.PICTURE,
    plane.PICTURE, options.SURFACE, options.SMILES, options.DENSITIES, regimes.PICTURE,
    network.PICTURE,
)  # fmt: skip
"""All pictures, in the order of the listing."""


def picture(name: str) -> Picture:
    """Find a picture by its name.

    Raises
    ------
    ResearchError
        When there is none of that name.
    """
    for one in PICTURES:
        if one.name == name:
            return one
    raise ResearchError(
        f"there is no picture {name!r}", mend="seawall analytics plot list shows their names"
    )
