"""Material lists: what is asked, checked as its grade asks, and what stands in for paper."""
