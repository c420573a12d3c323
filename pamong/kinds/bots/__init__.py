"""Players of exercises: calibration bots that playtests use, and persons of a given skill."""
