"""All SQL of the stock ledger: `inward` adds, `holds` promises and consumes, `reads` answers, `places` opens."""
