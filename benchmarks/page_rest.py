"""Pages of the smaller benchmarks."""
from benchmarks.tables import Page
def joins(h): return Page("","","")
latency=slow=memory=overload=sendloop=joins
