"""People and organisations for tests: obvious inventions, unique on every call."""

import itertools

from smartfactory.credit_code import check_digit
from smartfactory.models import Authority, AuthorityKind, Enterprise, Membership, Role, User

_numbers = itertools.count(1)


def make_authority(code, *, kind=AuthorityKind.CITY, parent=None, name=""):
    found = Authority.objects.filter(code=code).first()
    return found or Authority.objects.create(
        code=code, name=name or f"演示主管部门{code}", short_name=name or code, kind=kind, parent=parent, is_demo=True
    )


def make_tree():
    """ministry / 990000 (province) / 990101 and 990102 (cities); returns them by code."""
    ministry = make_authority("ministry", kind=AuthorityKind.MINISTRY, name="工业和信息化部")
    province = make_authority("990000", kind=AuthorityKind.PROVINCE, parent=ministry, name="云泽省工业和信息化厅")
    cities = {
        code: make_authority(code, parent=province, name=f"{name}工业和信息化局")
        for code, name in {"990101": "澜州市", "990102": "平岭市"}.items()
    }
    return {"ministry": ministry, "990000": province, **cities}


def make_credit_code(number):
    body = f"91990101{number:09d}"
    return body + check_digit(body)


def make_enterprise(*, authority=None, soe=None, name=""):
    number = next(_numbers)
    return Enterprise.objects.create(
        name=name or f"澜州演示企业{number}有限公司",
        credit_code=make_credit_code(number),
        authority=authority or make_tree()["990101"],
        soe=soe,
        address="云泽省澜州市演示路 1 号",
        is_demo=True,
    )


def make_user(name="", **values):
    number = next(_numbers)
    return User.objects.create(
        username=name or f"person{number}", full_name=values.pop("full_name", f"人员{number}"), **values
    )


def make_member(role, *, enterprise=None, authority=None, user=None, name="", department="reform"):
    """A user (new unless given) with `role` in the organisation."""
    user = user or make_user(name)
    department = department if role == Role.DEPARTMENT else ""
    Membership.objects.create(user=user, role=role, enterprise=enterprise, authority=authority, department=department)
    return user
