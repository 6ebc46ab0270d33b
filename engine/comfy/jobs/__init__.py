"""The life of a job on a server: slots, upload, events, results, interrupt, the job store."""
