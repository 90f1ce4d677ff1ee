"""申报指南: what the policy asks, told for reading. Editions give the rules, fixtures/knowledge/ the explanations."""
