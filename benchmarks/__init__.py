"""Load profiles: our application and the floor nothing can beat, measured in one run."""
