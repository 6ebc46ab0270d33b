"""The command line: arguments, batches of files, reports and exit codes, without Qt."""
