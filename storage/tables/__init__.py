"""The tables, by subject. They are named for their rows and used in statements through these names."""

from storage.tables.alerts import AlertRow, ReportsRow, SwingRow
from storage.tables.base import METADATA, Instant, Json, Row
from storage.tables.changes import ChangeRow
from storage.tables.chats import ChatMemoryRow, UpdateRow
from storage.tables.effects import EffectRow
from storage.tables.heartbeats import HeartbeatRow, PulseRow
from storage.tables.hushing import InhibitorRow, SilenceRow
from storage.tables.inbox import ActivityRow, BodyRow, DeliveryRow, QuarantineNoticeRow, RefusalsRow
from storage.tables.incidents import EventRow, FollowupRow, IncidentRow, PageRow, ParticipantRow, RoomLinkRow
from storage.tables.leases import LeaseRow
from storage.tables.people import AccountRow, AccountTokenRow, PersonRow
from storage.tables.postmortems import AnswerRow, PostmortemRow, ScriptRow
from storage.tables.records import AuditRow, CommandRow
from storage.tables.rooms import MemberRow, MessageRow, RoomRow
from storage.tables.secrets import CredentialRow, SecretRow
from storage.tables.storms import FoldedGroupRow, StormRow
from storage.tables.tenants import ConfigurationRow, CounterRow, TenantRow
from storage.tables.timers import TimerRow

__all__ = [
    "METADATA",
    "AccountRow",
    "AccountTokenRow",
    "ActivityRow",
    "AlertRow",
    "AnswerRow",
    "AuditRow",
    "BodyRow",
    "ChangeRow",
    "ChatMemoryRow",
    "CommandRow",
    "ConfigurationRow",
    "CounterRow",
    "CredentialRow",
    "DeliveryRow",
    "EffectRow",
    "EventRow",
    "FoldedGroupRow",
    "FollowupRow",
    "HeartbeatRow",
    "IncidentRow",
    "InhibitorRow",
    "Instant",
    "Json",
    "LeaseRow",
    "MemberRow",
    "MessageRow",
    "PageRow",
    "ParticipantRow",
    "PersonRow",
    "PostmortemRow",
    "PulseRow",
    "QuarantineNoticeRow",
    "RefusalsRow",
    "ReportsRow",
    "RoomLinkRow",
    "RoomRow",
    "Row",
    "ScriptRow",
    "SecretRow",
    "SilenceRow",
    "StormRow",
    "SwingRow",
    "TenantRow",
    "TimerRow",
    "UpdateRow",
]
