"""Background work: arq tasks, each a few lines. Rows say what is due, a job only says where to look."""
