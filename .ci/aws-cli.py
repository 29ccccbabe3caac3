"""The AWS command line without its start: a server imports it once and forks for each command, which gets the caller's words, variables, folder
and streams. The start took most of the time of the tests of release/*.sh. `aws-cli.py serve SOCKET`; `aws-cli.py run SOCKET WORD…` is `aws WORD…`.
"""

import json
import os
import socket
import sys


def serve(path):
    import gc

    import awscli.clidriver

    warm_up(awscli.clidriver.main)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    gc.freeze()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            if os.fork() == 0:  # a grandchild, for which nobody has to wait
                listener.close()
                os._exit(answer(connection, awscli.clidriver.main))
            os._exit(0)
        os.wait()
        connection.close()


def warm_up(main):
    """Imports what the first commands import, by two that reach nobody."""
    os.environ.update(AWS_MAX_ATTEMPTS="1", AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    for words in (["cloudformation", "describe-stacks"], ["s3", "ls"]):
        sys.argv = ["aws", *words, "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:1"]
        main()


def answer(connection, main):
    size = int.from_bytes(connection.recv(4), "big")
    message, streams, _, _ = socket.recv_fds(connection, size, 3)
    while len(message) < size:
        message += connection.recv(size - len(message))
    call = json.loads(message)
    for stream, number in zip(streams, range(3)):
        os.dup2(stream, number)
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w", closefd=False), open(2, "w", closefd=False)
    os.chdir(call["folder"])
    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # awscli sets it when it is imported
    os.environ.clear()
    os.environ.update(call["environment"] | own)
    sys.argv = ["aws", *call["words"]]
    try:
        status = main()
    except SystemExit as end:
        status = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(bytes([status or 0]))
    return 0


def run(path, words):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    message = json.dumps({"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}).encode()
    connection.sendall(len(message).to_bytes(4, "big"))
    sent = socket.send_fds(connection, [message], [0, 1, 2])
    connection.sendall(message[sent:])
    status = connection.recv(1)
    return status[0] if status else 255


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    sys.exit(run(sys.argv[2], sys.argv[3:]))
