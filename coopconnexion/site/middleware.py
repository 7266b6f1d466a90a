from itertools import chain

from django.core.exceptions import BadRequest


class ZeroByteMiddleware:
    """Refuse an address or a cookie with a zero byte: PostgreSQL stores none, so that any search for it would fail."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        values = chain(request.COOKIES.values(), *(values for _, values in request.GET.lists()))
        if any("\0" in text for text in chain([request.path_info], request.GET, values)):
            raise BadRequest("zero byte")
        return self.get_response(request)
