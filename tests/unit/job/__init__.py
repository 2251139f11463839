"""Tests of the job's pure parts."""
