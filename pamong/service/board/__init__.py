"""The board: participants share good practice and ask three colleagues from elsewhere for advice.

Nothing is seen by others before staff have read it, and of somebody who stays without a name nobody
but staff learns who they are. What a participant answered or earned in a module never comes here.
"""
