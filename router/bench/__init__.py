"""The budgets: what is measured, how, and the load that measures it. Runs against a service of its own."""
