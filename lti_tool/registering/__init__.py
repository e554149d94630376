"""How a platform comes to know us and we it: Dynamic Registration by invitation, and the values for doing it by hand.

Nothing here knows Flask; `lti_tool/web/registering.py` has the pages.
"""
