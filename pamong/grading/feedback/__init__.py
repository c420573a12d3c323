"""Feedback for its owner: what was done, what it led to, where points came from and what to practise.

It shows the owner's own answers, whatever their visibility, and never the course's code or keys. A
page is one file that asks for nothing from anywhere; it encloses its own print, a PDF/UA-1.
"""

from pamong.grading.feedback.desk import Desk
from pamong.grading.feedback.publishing import Progress, feedback, write
from pamong.grading.feedback.sheet import render

__all__ = ["Desk", "Progress", "feedback", "render", "write"]
