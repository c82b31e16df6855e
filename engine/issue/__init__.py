"""The issue counter (出件): certificates, shelf, parcels, courier, service."""
