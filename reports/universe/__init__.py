"""The synthetic nation: as many cities, blocks and homes as the program had, all invented, the totals exact."""
