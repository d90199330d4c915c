"""What stands between a client and a registry: nginx with TLS, and a proxy that writes down what it was asked for."""

import contextlib
import pathlib
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

import lab


class Nginx:
    """Debian's nginx as the TLS front (HTTP/2 and 1.1) of `backend` ("127.0.0.1:5000"). `extra` goes into its server
    block. Requests are logged: address, client certificate's verdict, HTTP version, request line, Authorization."""

    def __init__(self, certificates, backend=None, extra=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regtool-nginx-"))
        self.log = self.folder / "access.log"
        self.log.touch()
        for _ in range(5):
            self.port = lab.free_port()
            self.host = f"127.0.0.1:{self.port}"
            self._start(certificates, backend, extra)
            if self._answers():
                return
        self.stop()
        raise RuntimeError("nginx does not start")

    def _start(self, certificates, backend, extra):
        passed = f"proxy_pass http://{backend}; proxy_set_header Host $http_host;" if backend else "return 200 '{}';"
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 256; }}
http {{
  {temporary}
  log_format seen '$ssl_client_verify $server_protocol "$request" "$http_authorization"';
  access_log {self.log} seen;
  server {{
    listen {self.host} ssl http2;
    ssl_certificate {certificates.cert}; ssl_certificate_key {certificates.key};
    client_max_body_size 0; chunked_transfer_encoding on;
    {extra}
    location / {{ {passed} }}
  }}
}}
""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder),
                                         "-e", str(self.folder / "error.log")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _answers(self):
        for _ in range(200):
            if self.process.poll() is not None:
                return False
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            time.sleep(0.05)
        return False

    def seen(self):
        return self.log.read_text().splitlines()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Proxy:
    """An HTTP proxy. CONNECT leads to `backend` whatever was asked for, so that names that nobody knows can be used;
    other requests are answered with `status`. The heads of all requests are in `heads`; `refuse` is a status with
    which CONNECT is refused."""

    def __init__(self, backend=None, status="200 OK", body=b"{}", refuse=None):
        proxy = self
        self.heads = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    byte = self.rfile.read(1)
                    if not byte:
                        return
                    head += byte
                proxy.heads.append(head.decode())
                if not head.startswith(b"CONNECT"):
                    self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                elif refuse:
                    self.wfile.write(f"HTTP/1.1 {refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                else:
                    self.tunnel()

            def tunnel(self):
                with socket.create_connection(backend) as other:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=self.move, args=(other, self.connection), daemon=True)
                    back.start()
                    self.move(self.connection, other)
                    back.join()

            @staticmethod
            def move(source, target):
                with contextlib.suppress(OSError):
                    while data := source.recv(65536):
                        target.sendall(data)
                with contextlib.suppress(OSError):
                    target.shutdown(socket.SHUT_WR)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
