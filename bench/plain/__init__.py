"""The same work as most teams would write it first: plain Django, the stock admin, nothing measured and nothing tuned.

Candidates upload pictures by a ModelForm with an ImageField, reviewers open a candidate's submission in the admin, and
a view writes the results with csv.writer. What is left out is what the portal exists for (docs/performance.md). It is
measured by bench/others/, and is nobody's example.
"""
