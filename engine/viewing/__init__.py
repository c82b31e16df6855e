"""Evidence as people look at it: pages, watermarks, short-lived links, exports, who looked."""
