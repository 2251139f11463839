"""What a check costs: the job of HEAD, its peers and the same job without any check, on one machine in one run."""
