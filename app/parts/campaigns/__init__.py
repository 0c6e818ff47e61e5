"""Part surveys (部件普查): an area, kinds and a deadline; cell by cell; accepted by a sample."""
