"""Demo data: invented firms and people, labelled so, brought in through the use cases of all features."""
