"""Tables: what is true of a row by itself. One file per room; nothing here knows JSON-LD, HTTP or a task."""
