"""Set-up and running: the private database cluster, the processes, the checks."""
