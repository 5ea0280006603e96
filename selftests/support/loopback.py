"""A server on loopback that answers with what a test gives it, however wrong."""

import contextlib
import socket
import threading

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"


@contextlib.contextmanager
def serving(*answers):
    """A loopback server that gives each connection the next answer (the last one again and again).

    An answer is bytes, or a function of the connection. Yields the port and the list of what was received.
    """
    received = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    ended = threading.Event()

    def serve():
        number = 0
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            except OSError:
                # Closed: what was answered last took longer than anybody waits.
                return
            # A client that gives up resets the connection: that is what is tested.
            with connection, contextlib.suppress(OSError):
                connection.settimeout(2)
                received.append(connection.recv(65536))
                answer = answers[min(number, len(answers) - 1)]
                number += 1
                if callable(answer):
                    answer(connection, ended)
                else:
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], received
    finally:
        ended.set()
        thread.join(5)
        server.close()
