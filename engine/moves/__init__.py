"""Migration plans (迁移方案): cases in flight moved to another version."""
