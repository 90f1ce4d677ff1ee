"""How a packet is made: `pieces` (one project and its files), `binding` (volumes, contents, manifest), `expiry`."""
