import signal
import subprocess
import sys

_ENDS = (
    "import signal; from ops.held_process import end_with_input; end_with_input(); print(flush=True); signal.pause()"
)


def test_a_process_ends_when_whoever_began_it_lets_its_input_go() -> None:
    begun = subprocess.Popen([sys.executable, "-c", _ENDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert begun.stdin is not None
    assert begun.stdout is not None
    begun.stdout.readline()
    still = begun.poll()

    begun.stdin.close()

    assert (still, begun.wait(30)) == (None, -signal.SIGTERM)
