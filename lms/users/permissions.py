"""Who may write people's records: whoever the CMS admin lets add or change them."""


def may_add_people(user) -> bool:
    return user.has_perm("users.add_user")


def may_change_people(user) -> bool:
    return user.has_perm("users.change_user")
