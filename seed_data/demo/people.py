"""Who works in the demo city: invented people without names of their own."""

from dataclasses import dataclass

from seed_data.demo.names import DEPARTMENTS, DISTRICTS


@dataclass(frozen=True, slots=True)
class Worker:
    """Someone with a post; ``account`` says whether the demo prints a password for them."""

    username: str
    name: str
    post: str
    department: str | None = None
    area: str = ""
    account: bool = False


def workers() -> list[Worker]:
    """Return the city's people, for every post one or more who can sign in."""
    found = [
        Worker("agent1", "受理员 1 号", "agent", account=True),
        Worker("agent2", "受理员 2 号", "agent"),
        Worker("shift1", "值班长 1 号", "shift_leader", account=True),
        Worker("shift2", "值班长 2 号", "shift_leader"),
        Worker("dispatcher1", "派遣员 1 号", "dispatcher", account=True),
        Worker("dispatcher2", "派遣员 2 号", "dispatcher"),
        Worker("evaluator1", "考评员 1 号", "evaluator", account=True),
        Worker("leader1", "分管领导", "leader", account=True),
        Worker("commander1", "指挥长", "commander", account=True),
        Worker("admin1", "系统管理员", "admin", account=True),
    ]
    for code, name in DEPARTMENTS:
        found.append(Worker(code.lower(), f"{name}值班", "department", code, account=True))
    for d, (district, name) in enumerate(DISTRICTS):
        for n in range(1, 13):
            number = d * 12 + n
            found.append(
                Worker(
                    f"inspector{number}",
                    f"{name} {number} 号监督员",
                    "inspector",
                    area=district,
                    account=n <= 2,
                )
            )
    return found
