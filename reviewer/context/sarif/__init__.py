"""SARIF 2.1.0: what other tools found, as frozen values. https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""
