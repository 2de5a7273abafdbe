"""Would these files be tied to one another, or to one person?"""
