"""The project package and its ground floor: people, organisations, access, workflow, audit, documents."""
