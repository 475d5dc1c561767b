"""How much photostore costs beside the least that its work could cost, both measured in the same run.

A figure alone says more about the machine than about the code; a ratio of two that were measured in turns does not.
"""
