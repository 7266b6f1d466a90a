"""The floor is served as we are."""

preload_app = True
backlog = 2048
control_socket_disable = True
