"""Reading scans of printed pages: which page each says it is, and whether it still looks like the one that was issued.

`child` runs in a process of its own with little memory and time, because what it opens comes from strangers; it needs
neither the database nor the settings. `reading` starts it and hears what it finds.
"""
