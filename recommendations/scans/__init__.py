"""盖章扫描件: `checking` takes uploads in and has them read, `matching` says what the pages amount to."""
