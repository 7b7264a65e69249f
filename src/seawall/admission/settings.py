# SPDX-License-Identifier: MIT
"""Settings of admission."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seawall.model.errors import SettingsError
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, NS_PER_S

QUOTA_LEAST, QUOTA_MOST = 50, 200
"""Bounds of any quota, samples per source and epoch."""


@dataclass(frozen=True, slots=True)
class AdmissionSettings:
    """How sources are judged; values are differences of logarithms (1e-4 is one basis point).

    Parameters
    ----------
    root : Path
        Folder of the state and of the audit file.
    epoch_ns : int
        Quotas, trust and suspensions are settled once per epoch.
    quota_min, quota_max : int
        Samples per source and epoch at the least and at full trust, 50 to 200.
    rate_per_s : float
        Samples per second that refill a source's token bucket.
    burst : int
        Samples that the bucket holds.
    stale_ns : int
        A sample may be this old when it arrives.
    skew_ns : int
        A source's clock may be this much ahead of ours.
    fresh_ns : int
        The last value of another source counts for this long.
    peers_min : int
        Other fresh sources that are needed before a value is judged.
    disagree_sigmas : float
        Distance from the other sources that costs trust.
    refuse_sigmas : float
        Distance from the other sources at which a sample is refused...
    refuse_floor : float
        ...but never a smaller one than this: who leads a quick move of the whole market is
        alone for a moment.
    scale_floor : float
        The scale of agreement is never smaller than this.
    scale_start : float
        Scale of agreement before anything was measured.
    basis_max : float
        Lasting difference between a source and the middle one of its group that is allowed,
        as between spot and perpetual; also the most by which a slow drift can lead us astray.
    basis_half_life_ns : int
        How fast the lasting difference is learned.
    noise_ratio_max : float
        Variance of a source's residuals over the middle one of its group; its root is the
        most by which a source's own scale may exceed that of the group.
    repeats_max : float
        Share of repeated values in an epoch in which the others moved.
    samples_min : int
        Samples that an epoch needs before a source is suspended for it.
    suspend_epochs : int
        Length of a suspension.
    trust_min : float
        Least trust of a source that is not banned; 0.25 caps the ratio of two at four.
    trust_half_life_ns : int
        Evidence fades to half in this time.
    evidence_max : float
        Evidence kept, in epochs: an old good record buys no more patience than this.
    loss_weight : float
        A bad epoch counts as much as this many good ones.
    reservoir_cap : int
        Samples kept per source.
    reservoir_half_life_ns : int
        A sample's chance to be kept fades to half in this time; 0 never.
    history_cap : int
        Changes of trust remembered per source.
    log_cap : int
        Samples of rejections remembered per reason.
    banned : tuple of str
        Leading parts of sources that are refused from the start, such as ``kraken``; a session
        adds those of the audit file.
    """

    root: Path = Path("admission")
    epoch_ns: int = NS_PER_S
    quota_min: int = QUOTA_LEAST
    quota_max: int = QUOTA_MOST
    rate_per_s: float = 5_000.0
    burst: int = 10_000
    stale_ns: int = 5 * NS_PER_S
    skew_ns: int = NS_PER_S // 4
    fresh_ns: int = 10 * NS_PER_S
    peers_min: int = 2
    disagree_sigmas: float = 3.0
    refuse_sigmas: float = 8.0
    refuse_floor: float = 2e-3
    scale_floor: float = 1e-4
    scale_start: float = 5e-4
    basis_max: float = 3e-3
    basis_half_life_ns: int = 10 * NS_PER_MIN
    noise_ratio_max: float = 9.0
    repeats_max: float = 0.95
    samples_min: int = 20
    suspend_epochs: int = 5
    trust_min: float = 0.25
    trust_half_life_ns: int = 7 * NS_PER_DAY
    evidence_max: float = 100.0
    loss_weight: float = 5.0
    reservoir_cap: int = QUOTA_MOST
    reservoir_half_life_ns: int = 6 * NS_PER_HOUR
    history_cap: int = 64
    log_cap: int = 64
    banned: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._want(
            QUOTA_LEAST <= self.quota_min <= self.quota_max <= QUOTA_MOST,
            "quota_min, quota_max", f"{QUOTA_LEAST} <= quota_min <= quota_max <= {QUOTA_MOST}",
        )  # fmt: skip
        for name in (
            "epoch_ns", "rate_per_s", "burst", "stale_ns", "fresh_ns", "peers_min",
            "disagree_sigmas", "scale_floor", "scale_start", "basis_half_life_ns",
            "noise_ratio_max", "samples_min", "suspend_epochs", "trust_half_life_ns",
            "evidence_max", "loss_weight", "reservoir_cap", "history_cap", "log_cap",
        ):  # fmt: skip
            self._want(getattr(self, name) > 0, name, "more than 0")
        for name in ("skew_ns", "basis_max", "refuse_floor", "reservoir_half_life_ns"):
            self._want(getattr(self, name) >= 0, name, "0 or more")
        self._want(self.refuse_sigmas >= self.disagree_sigmas, "refuse_sigmas", "disagree_sigmas+")
        self._want(self.rate_per_s <= 1e9, "rate_per_s", "at most 1e9")
        self._want(0 < self.trust_min < 1, "trust_min", "between 0 and 1")
        self._want(0 < self.repeats_max <= 1, "repeats_max", "above 0, at most 1")

    def _want(self, holds: bool, name: str, what: str) -> None:
        if not holds:
            values = ", ".join(str(getattr(self, n)) for n in name.split(", "))
            raise SettingsError(f"admission.{name} is {values}", mend=f"it must be {what}")
