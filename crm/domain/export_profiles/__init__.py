"""Export profiles 报送模板: files for the province as data, what is wrong with their rows, their bytes."""

from crm.domain.export_profiles.checks import Problem, check
from crm.domain.export_profiles.formatting import guard, ordered, render, render_chunks, unguard
from crm.domain.export_profiles.profile import Column, Profile, profiles, read_profile

__all__ = [
    "Column",
    "Problem",
    "Profile",
    "check",
    "guard",
    "ordered",
    "profiles",
    "read_profile",
    "render",
    "render_chunks",
    "unguard",
]
