"""相似之处: passages a declaration has in common with others of this and past years. A finding of the machine, no verdict.

A background job marks each revision's passages when it is handed in and compares it with those that share marks; the
review page only reads what was found.
"""
