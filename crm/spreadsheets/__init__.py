"""Reading lists as they come from the field, and writing them back; knows nothing of firms."""
