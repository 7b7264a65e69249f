# SPDX-License-Identifier: MIT
"""The session: the engine fed one message at a time, with a journal.

Text of a venue goes in with its receive time, is written to the journal, decoded, and given
to the same engine that a backtest uses; commands, fills and ended orders are written behind
it.  Replay reads the journal, does the same again and says where anything differs.

Opens no connection and reads no clock: whoever feeds it does.
"""

from __future__ import annotations

from seawall.engine.session.plan import (
    Connection,
    SessionPlan,
    merge_recordings,
    plan_for_market,
    plan_recordings,
)
from seawall.engine.session.replay import Difference, ReplayReport, replay_journal, resume_session
from seawall.engine.session.run import COMMAND, Core, Session, Sink

__all__ = [
    "COMMAND",
    "Connection",
    "Core",
    "Difference",
    "ReplayReport",
    "Session",
    "SessionPlan",
    "Sink",
    "merge_recordings",
    "plan_for_market",
    "plan_recordings",
    "replay_journal",
    "resume_session",
]
