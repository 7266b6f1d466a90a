"""What visitors type to join a waiting list."""

from permanences.forms.booking import ContactForm


class WaitingForm(ContactForm):
    """The same contact as for a booking, told what it serves here."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = "Nous y écrivons dès qu’un créneau se libère."
        self.fields["phone"].help_text = "Pour vous joindre si le rendez-vous est pour bientôt."
