"""The codes of a JPEG's markers. Source: ITU-T T.81, table B.1."""

SOI, EOI, SOS, DQT, DHT, DRI, DAC, DNL, COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xCC, 0xDC, 0xFE
APP0, APP1, APP2, APP11, APP13, APP14, APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
"""SOF0 to SOF15: the start of a frame."""
PROGRESSIVE, ARITHMETIC, LOSSLESS = frozenset({0xC2, 0xCA}), frozenset({0xC9, 0xCA, 0xCB}), frozenset({0xC3, 0xCB})
"""Kinds of frames, by their SOF."""
HIERARCHICAL = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE, 0xDF})
"""Differential frames, DHP and EXP: several frames that build on one another."""
TABLES = frozenset({DQT, DHT, DRI, DAC})
