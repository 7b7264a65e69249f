# SPDX-License-Identifier: MIT
"""From a configuration to the kernel's arrays."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.config import VENUES, SimConfig
from seawall.data.simulated.rng import elementary, seed_streams
from seawall.model.errors import SettingsError
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind, MarginTier

MONEY_DECIMALS = 5
"""Money units of the simulation are 1e-5 USDT."""

ORDERS_MAX = 1 << 16
LOG_ROWS = 1 << 20
_VENUE_SHARE = (0.62, 0.38, 0.25, 0.15)
_YEAR_S = 365 * 86_400.0


def instruments_of(config: SimConfig) -> tuple[Instrument, ...]:
    """List the instruments: by asset, then venue, then spot before perpetual."""
    fees = (
        FeeTier(Decimal(str(config.maker_fee)), Decimal(str(config.taker_fee))),
        FeeTier(
            Decimal(str(config.vip_maker_fee)), Decimal(str(config.vip_taker_fee)), Decimal("1e9")
        ),
    )
    out = []
    for asset in config.assets:
        for venue in VENUES[: config.venues]:
            common = {"venue": venue, "tick": asset.tick, "lot": asset.lot, "fees": fees}
            quote = config.quote_of(VENUES.index(venue))
            pair = f"{asset.base}/{quote}"
            out.append(Instrument(symbol=pair, kind=InstrumentKind.SPOT, **common))  # type: ignore[arg-type]
            if config.perpetuals:
                out.append(
                    Instrument(
                        symbol=f"{pair}:{quote}",
                        kind=InstrumentKind.LINEAR,
                        margin_tiers=_tiers(config),
                        funding_interval_ns=config.funding_interval_s * 1_000_000_000,
                        **common,  # type: ignore[arg-type]
                    )
                )
    return tuple(out)


def _tiers(config: SimConfig) -> tuple[MarginTier, ...]:
    a = config.agents
    low, high = Decimal(str(a.maintenance)), Decimal(str(a.tier_maintenance))
    return (
        MarginTier(Decimal(str(a.tier_usd)), 2 * low, low),
        MarginTier(Decimal("1e12"), 2 * high, high, Decimal(str(a.tier_usd)) * (high - low)),
    )


def group_sizes(config: SimConfig) -> list[int]:
    """Number of agents in each group, in the order of the ``A_`` codes."""
    a = config.agents
    perps = config.books // 2 if config.perpetuals else 0
    return [
        1,
        a.noise_traders,
        a.metaorders * len(config.assets),
        a.makers * config.books,
        a.value_traders,
        a.arbitrageurs,
        a.leveraged * perps,
        3 * max(1, len(config.attacks)),
    ]


def _books(config: SimConfig) -> at.Array:
    out = np.zeros(config.books, at.BOOK)
    per_venue = 2 if config.perpetuals else 1
    weights = np.array(_VENUE_SHARE[: config.venues])
    weights = weights / weights.sum()
    coins = sorted(set(config.quotes))
    n = 0
    for k, asset in enumerate(config.assets):
        price = round(asset.price / float(asset.tick))
        money = asset.tick * asset.lot * 10**MONEY_DECIMALS
        if money != int(money) or price + at.WINDOW // 2 >= 2**21:
            raise SettingsError(
                f"{asset.base}: tick times lot must be whole 1e-{MONEY_DECIMALS} USDT, "
                "and the price below two million ticks",
                where=f"tick={asset.tick} lot={asset.lot} price={asset.price}",
            )
        for v in range(config.venues):
            for perp in range(per_venue):
                book = out[n]
                book["asset"], book["venue"], book["perp"] = k, v, perp
                book["coin"] = coins.index(config.quote_of(v))
                book["mult"], book["tick"] = int(money), float(asset.tick)
                book["maker_fee"] = round(config.vip_maker_fee * 1e9)
                book["taker_fee"] = round(config.vip_taker_fee * 1e9)
                book["share"] = weights[v] * ((0.35, 0.65)[perp] if config.perpetuals else 1.0)
                book["base"] = max(1, price - at.WINDOW // 2)
                book["bid"], book["ask"] = book["base"] - 1, book["base"] + at.WINDOW
                book["last"] = price
                book["mark_fp"] = book["index_fp"] = price << 10
                if perp:
                    book["fund"] = round(config.agents.fund_usd * 10**MONEY_DECIMALS)
                book["funding_ns"] = config.funding_interval_s * 10**9 * perp
                book["maker_0"] = n * config.agents.makers
                book["maker_1"] = (n + 1) * config.agents.makers
                n += 1
    return out


def _assets(config: SimConfig) -> at.Array:
    out = np.zeros(len(config.assets), at.ASSET)
    per_asset = config.books // len(config.assets)
    for k, asset in enumerate(config.assets):
        row = out[k]
        row["value"] = row["seen"] = row["ref"] = asset.price
        row["mood"], row["vol"] = 0.5, 1.0
        # The mean of exp(2x) over the log-volatility factors is taken out of sigma.
        spread = sum(s * s for s in config.agents.volatility_sd)
        row["sigma"] = asset.volatility / math.sqrt(_YEAR_S) * elementary(1, -spread)
        row["beta"] = asset.beta
        row["rate"] = row["h_bar"] = asset.rate
        row["size"] = asset.size / float(asset.lot)
        row["reach"] = asset.reach * asset.price / float(asset.tick)
        row["book_0"], row["book_1"] = k * per_asset, (k + 1) * per_asset
    return out


def _makers(config: SimConfig, groups: at.Array, assets: at.Array, books: at.Array) -> at.Array:
    n = config.agents.makers
    out = np.zeros(n * config.books, at.MAKER)
    for m in range(len(out)):
        row, number = out[m], m % n
        book = books[m // n]
        asset = assets[book["asset"]]
        row["fair"] = asset["value"]
        row["half"] = 0.5 + 1.5 * number
        row["size"] = asset["size"] * (20.0 + 15.0 * number) * (0.5 + book["share"])
        row["skew"] = 2.0
        row["agent"], row["book"] = groups[at.A_MAKER] + m, m // n
        row["lag"], row["number"] = round(1_000 * config.agents.maker_lag_ms * (1 + number)), number
    return out


def parameters(config: SimConfig) -> at.Array:
    """Float parameters in the order of the ``P_`` codes."""
    a = config.agents
    par = np.zeros(at.PARAMETERS)
    par[at.P_MARKET], par[at.P_META], par[at.P_META_TAIL] = (
        a.market_share,
        a.meta_share,
        a.meta_tail,
    )
    par[at.P_POLITE], par[at.P_SIZE_SD], par[at.P_LIMIT_SD] = (
        a.polite_share,
        a.size_sd,
        a.limit_size_sd,
    )
    par[at.P_TAIL], par[at.P_LIFE], par[at.P_LIFE_POW] = a.placement_tail, a.life_s, a.life_power
    par[at.P_H0 : at.P_H2 + 1] = a.hawkes_n
    par[at.P_T0 : at.P_T2 + 1] = a.hawkes_s
    par[at.P_VALUE_TAU], par[at.P_REF_TAU] = a.value_tau_s, a.reference_tau_s
    par[at.P_JUMP_RATE], par[at.P_JUMP_SD] = a.jump_per_day / 86_400.0, a.jump_minutes
    par[at.P_JUMP_SKEW] = a.jump_skew
    par[at.P_VALUER_RATE], par[at.P_VALUER_GAIN] = a.value_rate, a.value_gain
    par[at.P_TREND_GAIN], par[at.P_LEVER_RATE] = a.trend_gain, a.lever_rate
    par[at.P_ARB_EDGE], par[at.P_BASIS_EDGE] = a.venue_edge, a.basis_edge
    par[at.P_LATENCY], par[at.P_MAINT], par[at.P_WAKE] = a.latency_s, a.maintenance, a.maker_wake_s
    par[at.P_LEVERAGE_DOWN], par[at.P_CRISIS] = a.leverage_effect, a.crisis
    par[at.P_PROFILE], par[at.P_IDIO] = a.profile, a.idiosyncratic
    par[at.P_START] = config.start_ns % (86_400 * 10**9) / 1e9 - config.warmup_s
    par[at.P_S0 : at.P_S2 + 1] = a.volatility_sd
    par[at.P_BAND], par[at.P_NOISE] = a.maker_band, a.maker_noise
    par[at.P_LEVER_SIZE], par[at.P_PEG_SD] = a.lever_size, a.peg_sd
    par[at.P_LAYER_STEP], par[at.P_LAYER_SHARE] = a.layer_step, a.layer_share
    par[at.P_SEEN_TAU], par[at.P_TOUCH], par[at.P_CLOSE] = a.seen_tau_s, a.touch_size, a.maker_close
    par[at.P_LEVER_HIGH] = a.lever_high
    par[at.P_TIER], par[at.P_TIER_MAINT] = a.tier_usd * 10**MONEY_DECIMALS, a.tier_maintenance
    par[at.P_LIQUIDATION] = a.liquidation_band
    par[at.P_READ], par[at.P_READ_GAIN] = a.read_share, a.read_gain
    return par


def build(config: SimConfig, script: at.Array, slots: int) -> at.World:
    """Allocate the world of a configuration, before its first event.

    Parameters
    ----------
    config : SimConfig
        What to build.
    script : ndarray of SCRIPT
        Steps of scripted agents, ``ts`` in ns since the start of the warm-up.
    slots : int
        Places for the ids of scripted orders.
    """
    groups = np.concatenate(([0], np.cumsum(group_sizes(config)))).astype(np.int64)
    books, assets = _books(config), _assets(config)
    makers = _makers(config, groups, assets, books)
    agents = int(groups[at.A_END])
    orders = np.zeros(ORDERS_MAX, at.ORDER)
    orders["next"] = np.arange(1, ORDERS_MAX + 1)
    orders["next"][-1] = 0
    levels = np.zeros((config.books, at.WINDOW), at.LEVEL)
    accounts = np.zeros(groups[at.A_LEVER + 1] - groups[at.A_LEVER], at.ACCOUNT)
    accounts["agent"] = np.arange(groups[at.A_LEVER], groups[at.A_LEVER + 1])
    perps = np.flatnonzero(books["perp"])
    accounts["book"] = perps[np.arange(len(accounts)) % max(1, len(perps))] if len(perps) else 0
    metas = np.zeros((len(assets), config.agents.metaorders), at.META)
    metas["agent"] = groups[at.A_SPLIT] + np.arange(metas.size).reshape(metas.shape)
    coins = np.zeros(len(set(config.quotes)), at.COIN)
    coins["dollars"] = 1.0
    held = len(makers) * 2 * at.LAYERS
    moved = script.copy()
    moved["slot"] += held
    moved["anchor"] += held
    cash = np.zeros(agents, np.int64)
    cash[0] = -books["fund"].sum()  # the outside pays the insurance funds in
    counters = np.zeros(at.COUNTERS, np.int64)
    counters[at.C_FREE] = 1  # slot 0 means none
    rows = int((config.duration_s + config.warmup_s + 3) * config.books * 1.02) + 4_096
    return at.World(
        orders=orders, levels=levels, books=books, heap=np.zeros(1 << 18, at.MESSAGE),
        log=np.zeros(LOG_ROWS, at.LOG), tape=np.zeros(rows, at.TAPE),
        cash=cash, pos=np.zeros((agents, config.books), np.int64),
        makers=makers, assets=assets, accounts=accounts, metas=metas, coins=coins,
        script=moved,
        held=np.zeros(held + slots, np.int64), groups=groups,
        rng=seed_streams(config.seed, at.STREAMS + config.books), ctr=counters,
        par=parameters(config),
    )  # fmt: skip
