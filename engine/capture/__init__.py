"""From paper to pages: batches, separator sheets, resumable uploads, edits of pages."""
