"""What can be done with reminders, one verb a function."""

from crm.reminders.use_cases.by_hand import dismiss, hold, resend
from crm.reminders.use_cases.claim import claim, sweep_lost
from crm.reminders.use_cases.deliver import deliver_due, deliver_next
from crm.reminders.use_cases.dispatch import dispatch
from crm.reminders.use_cases.plan_day import plan_day
from crm.reminders.use_cases.policies import change_policy, late_if_changed
from crm.reminders.use_cases.reconcile import reconcile
from crm.reminders.use_cases.release import release

__all__ = [
    "change_policy",
    "claim",
    "deliver_due",
    "deliver_next",
    "dismiss",
    "dispatch",
    "hold",
    "late_if_changed",
    "plan_day",
    "reconcile",
    "release",
    "resend",
    "sweep_lost",
]
