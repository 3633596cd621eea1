"""How the torch table is made: walk the namespaces, read what is declared, execute, conclude. Imports torch.

catalogue ─Callee→ declare, arguments, samples ─Call→ observe ─Observation→ conclude ─Row
"""
