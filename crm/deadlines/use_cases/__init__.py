"""What is done to deadlines: derived anew from their sources, and settled by people."""

from crm.deadlines.use_cases.refresh import RefreshCounts, refresh_all, refresh_firms
from crm.deadlines.use_cases.settle import reopen, settle_done, waive

__all__ = ["RefreshCounts", "refresh_all", "refresh_firms", "reopen", "settle_done", "waive"]
