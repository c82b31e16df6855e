"""Daily checkpoints of the trail: made, verified, proved, exported (校验点)."""
