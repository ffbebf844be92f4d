"""The controls and technologies the stand-in knows: drawn once, so that a control means the same for every seed."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ..hosts import SYSTEMS
from .model import Check, Control, Criticality, Point, Technology

CRITICALITIES = tuple(
    Criticality(label, value)
    for value, label in enumerate(("UNDEFINED", "MINIMAL", "MEDIUM", "SERIOUS", "CRITICAL", "URGENT"))
)
TECHNOLOGIES: Mapping[str, Technology] = {
    system: Technology(number, name)
    for (system, _), (number, name) in zip(
        SYSTEMS,
        (
            (1, "Windows 2008 Server R2"),
            (221, "Windows 2019 Server"),
            (193, 'Windows 10 "Enterprise"'),
            (80, "Ubuntu 14.x"),
            (216, "Red Hat Enterprise Linux 8.x"),
            (91, "Cisco IOS 12.x <lab> & more"),
        ),
    )
}
"""By the operating system of a host."""
DATABASE = Technology(257, "Oracle 19c")
INSTANCES = ("os", 'Oracle19c:1:1521:ORCL "main", 2')
KNOWN = 240
FIRST_ID = 1_041
NOT_FOUND, NO_FILE = "161803399999999", "314159265358979"
CODES: Mapping[str, str] = {NOT_FOUND: "Setting not found", NO_FILE: 'File not found, or "not readable"'}
"""What values stand for that are no values, as the glossary's TM_LIST translates them."""

HARMFUL = (
    '"quoted", key="value", and \'single\' ones',
    "first line\nsecond line\r\n\tthird line",
    "ends a section ]]> and <INFO><ID>1</ID></INFO></INFO_LIST>",
    '\nPOSTURE_INFO: POLICY_ID="1", STATUS="Passed"',
    "Müller & Söhne <b>„Büro“</b> 日本語 😀 \u202etxt\u2028end",
    "=cmd|' /C calc'!A0 `macro` $host$ \\\"\\",
    "  \t ",
)
"""Texts that do harm, as they come from hosts and from people: in titles, statements and found values."""

CHECKS = (
    Check("{dp} == {fv}", ("1",), ("0", NOT_FOUND)),
    Check("{dp} >= {tp}", ("14",), ("8", "0", NOT_FOUND)),
    Check("({dp} contains {fv}) and ({dp2} matches {tp})", ("^root$", "^adm$"), (*HARMFUL[:2], NO_FILE)),
    Check("({dp} not contains {fv}) or ({dp2} <= {tp})", ("Everyone", "ANONYMOUS LOGON"), ("Everyone", *HARMFUL[2:6])),
)
STATEMENTS = (
    "Status of the 'Minimum Password Length' setting",
    "Permissions set for the '/etc/shadow' file",
    "Status of the 'Enforce password history' setting (GPO)",
    'Current list of Groups and User Accounts granted the "Debug Programs" right',
    "Status of the 'PermitRootLogin' setting in the 'sshd_config' file",
    "Status of the audit subsystem <auditd> & its log rotation",
)
REMEDIATIONS = (
    'Configure the following registry value as below:\n\n1. HKLM\\System\\"Lsa"\n2. Set it to 1\n',
    "To set it, run:\r\n\t# chmod 0600 /etc/shadow && chown root:root /etc/shadow\n",
    "GPO setting: Computer Configuration\\Policies <Security Settings>",
)


def _points(rng: random.Random, number: int) -> tuple[Point, ...]:
    descs = ("The value of this setting", "List of accounts, one a line:\n'domain\\user'", 'Integer value, "-1" = off')
    return tuple(
        Point(number * 2 + place + 1, f"custom.{number}.point_{place}", rng.choice(descs)) for place in range(2)
    )


def _draw(number: int) -> Control:
    rng = random.Random(f"control/{number}")
    check = CHECKS[number % len(CHECKS)]
    statement = f"{STATEMENTS[number % len(STATEMENTS)]} ({number + 1})"
    if number % 5 == 4:
        statement = f"{HARMFUL[number // 5 % (len(HARMFUL) - 1)]} ({number + 1})"
    is_database = number % 9 == 5
    return Control(
        id=FIRST_ID + number * 3,
        statement=statement,
        criticality=rng.choice(CRITICALITIES),
        check=check,
        points=_points(rng, number)[: 1 + ("dp2" in check.expression)],
        remediation=rng.choice(REMEDIATIONS),
        reference=(None, "", 'CIS 1.1.1, "L1" & more', "NIST AC-2\nPCI 8.2")[number % 4],
        is_deprecated=number % 29 == 7,
        windows_only=number % 7 == 6,
        technology=DATABASE if is_database else None,
        instances=INSTANCES if is_database else ("",),
    )


CONTROLS = tuple(map(_draw, range(KNOWN)))


def rationale(control: Control, technology: Technology) -> str:
    """Why the control matters on that technology: another text for each."""
    return f"Control {control.id} matters on {technology.name}:\n\n\tit's what an attacker tries first."


def technologies(control: Control) -> tuple[Technology, ...]:
    """Those on which the control can be evaluated."""
    if control.technology:
        return (control.technology,)
    return tuple(
        technology for system, technology in TECHNOLOGIES.items() if not control.windows_only or "Windows" in system
    )
