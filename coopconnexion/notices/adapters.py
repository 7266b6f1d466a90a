from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mail (sign-in codes, warnings) as messages of ours: a row first, sent by a worker."""
