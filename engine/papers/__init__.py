"""Paper custody (材料移交): batches, where each original is, originals handed back, completeness."""
