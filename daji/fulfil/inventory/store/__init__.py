"""All SQL of the stock ledger: `inward` adds, `holds` promises, `leaving` consumes, `reads` answers, `places` opens."""
