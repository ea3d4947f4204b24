"""Demo data: invented firms and people, labelled as such, brought in through the use cases of all features."""
