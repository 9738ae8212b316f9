"""How a query is answered: what its text consists of, and the same query in a form that takes the engine less time.

`guard` splits a query into tokens, `query_blocks` into blocks, and `query_parts` into a SELECT and its parts.

Of a canned question, `arguments_first` looks the argument up before everything else, `at_once` joins what most things
have by hash tables, `names_last` looks names up for groups of rows, `row_by_row` evaluates later blocks once for each
row, and `row_order` takes the order off, in which the rows are then put. `page_plan` and `pages` evaluate one page of
an answer alone. Each returns the query as it was where it cannot be certain of the same answer.
"""
