"""`doctor [STEP] [--mail ADDRESS]`: whether the installation is ready to sell, step by step.

0: everything is well; 1: something is not; 2: it was asked for wrongly.
"""

from collections.abc import Iterable

from app.commands._words import Typed, reader_language
from app.doctor.check import Check
from app.doctor.walk import STEPS, walk
from app.language import say

WIDTH = 24


def run(words: list[str]) -> int:
    language = reader_language()
    typed = Typed(say(language, "doctor.usage", steps=", ".join(STEPS)))
    typed.add_argument("step", nargs="?", choices=STEPS)
    typed.add_argument("--mail", default="")
    asked = typed.parse_args(words)
    steps = [asked.step] if asked.step else STEPS
    return 0 if doctor(walk(steps, mail_to=asked.mail, language=language), language) else 1


def doctor(walked: Iterable[tuple[str, list[Check]]], language: str) -> bool:
    """Print what is found, step by step; true when all is well."""
    wrong = 0
    for step, checks in walked:
        number = STEPS.index(step) + 1
        print(f"{number}. {say(language, f'doctor.step.{step}')}", flush=True)
        for check in checks:
            _print(check, language)
        if not checks:
            print(f"   {say(language, 'doctor.waits')}")
        wrong += sum(check.is_wrong for check in checks)
    if wrong:
        print(say(language, "doctor.not_well", wrong=wrong))
    else:
        print(say(language, "doctor.well"))
    return not wrong


def _print(check: Check, language: str) -> None:
    about = f"{check.about}: " if check.about else ""
    state = say(language, f"doctor.state.{check.state}")
    print(f"   {state:<7}{check.name:<{WIDTH}}{about}{check.said(language)}", flush=True)
    if advice := check.advice(language):
        print(f"   {'':7}{'':{WIDTH}}-> {advice}", flush=True)
