"""What the shells themselves make of their completion scripts: commands, options, values, and names from a registry."""

import fcntl
import os
import pathlib
import pty
import select
import struct
import subprocess
import termios
import time
import unittest

import lab

registry = None


def setUpModule():
    global registry
    registry = lab.ServedRegistry()
    unittest.addModuleCleanup(registry.stop)
    registry.push(f"oci:{lab.test_layout()}:small", "app:v1")
    registry.push(f"oci:{lab.test_layout()}:small", "app:v2")


class Shell(lab.Case):
    """A shell that has the script that the program prints, and the program on its PATH."""

    shell = ""

    def setUp(self):
        super().setUp()
        self.script = self.home / "completions" / {"zsh": "_regtool"}.get(self.shell, self.shell)
        self.script.parent.mkdir()
        self.script.write_text(self.ok("completion", self.shell).text)
        programs = self.home / "bin"
        programs.mkdir()
        (programs / "regtool").symlink_to(pathlib.Path(lab.REGTOOL).resolve())
        self.env = self.environment({"PATH": f"{programs}:{os.environ['PATH']}", "TERM": "xterm"})

    def run_shell(self, *args):
        done = subprocess.run([self.shell, *args], env=self.env, cwd=self.home, capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split("\n")


class Common:
    """What all three have to offer. `complete(line)` gives the words that the shell offers behind `line`."""

    def test_the_script_is_the_shells_language(self):
        self.run_shell("-n", str(self.script))

    def test_commands_and_their_second_words(self):
        self.assertLessEqual({"manifest", "blob", "copy", "completion"}, self.complete("regtool "))
        self.assertLessEqual({"get", "head", "size", "verify"}, self.complete("regtool blob "))

    def test_options(self):
        words = self.complete("regtool diff --")
        self.assertLessEqual({"--semantic", "--only", "--format", "--jq"}, words)
        self.assertNotIn("--compress", words)

    def test_values_of_options(self):
        self.assertEqual(self.complete("regtool copy --compress "), {"gzip", "zstd"})
        self.assertEqual(self.complete("regtool diff --only "), {"manifest", "config", "files", "packages"})
        self.assertEqual(self.complete("regtool tags --sort "), {"name", "semver", "created"})
        self.assertEqual(self.complete("regtool ls --progress "), {"auto", "bar", "plain", "json", "none"})

    def test_a_commands_own_formats(self):
        usual = {"text", "json", "ndjson"}
        self.assertEqual(self.complete("regtool ls --format "), usual)
        self.assertEqual(self.complete("regtool manifest diff --format "), usual)
        self.assertEqual(self.complete("regtool diff --format "), usual | {"github"})
        self.assertEqual(self.complete("regtool copy --format "), usual | {"oci", "docker"})

    def test_words_of_arguments(self):
        self.assertEqual(self.complete("regtool completion "), {"bash", "zsh", "fish"})
        self.assertLessEqual({"exit-codes", "transports"}, self.complete("regtool help "))

    def test_tags_from_the_registry(self):
        self.assertEqual(self.names(f"regtool manifest {registry.host}/app:"), {"v1", "v2"})

    def test_repositories_from_the_registry(self):
        self.assertEqual(self.names(f"regtool tags {registry.host}/"), {"app"})

    def names(self, line):
        """What is offered behind the last sign of a name; a shell may show all of it."""
        return {word.rsplit(line[-1], 1)[-1] for word in self.complete(line)}


class Bash(Common, Shell):
    shell = "bash"

    def complete(self, line):
        call = 'source "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _regtool; printf "%s\\n" "${COMPREPLY[@]}"'
        return set(filter(None, self.run_shell("--norc", "-c", call, "bash", str(self.script), line)))


class Fish(Common, Shell):
    shell = "fish"

    def complete(self, line):
        offered = self.run_shell("--no-config", "-c", f"source {self.script}; complete -C '{line}'")
        return {word.split("\t")[0] for word in offered if word}


class Zsh(Common, Shell):
    """Completion lives in its line editor alone: it is asked in a terminal. A widget of ours, which has compadd tell what
    it is given, writes down what would be listed."""

    shell = "zsh"

    def setUp(self):
        super().setUp()
        self.found, self.told = self.home / "found", self.home / "told"
        (self.home / ".zshrc").write_text(
            f"fpath=({self.script.parent} $fpath)\nautoload -Uz compinit\ncompinit -D -u\n"
            "compadd() {\n"
            "    local -a matches\n"
            "    (( ${@[(I)-[OAD]]} )) || { builtin compadd -O matches \"$@\"; print -rl -- $matches >> found }\n"
            "    builtin compadd \"$@\"\n"
            "}\n"
            "tell() { : > found; zle complete-word; : > told }\nzle -N tell\nbindkey '^T' tell\nPS1=ready\n")
        self.start_shell()

    def start_shell(self):
        self.terminal, below = pty.openpty()
        self.addCleanup(os.close, self.terminal)
        fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        process = subprocess.Popen(["zsh", "-i"], stdin=below, stdout=below, stderr=below, cwd=self.home,
                                   env={**self.env, "ZDOTDIR": str(self.home)}, start_new_session=True)
        os.close(below)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.kill)
        self.read_until(lambda shown: b"ready" in shown)

    def complete(self, line):
        self.told.unlink(missing_ok=True)
        os.write(self.terminal, b"\x15" + line.encode() + b"\x14")
        shown = self.read_until(lambda shown: self.told.exists())
        self.assertTrue(self.told.exists(), shown)
        return set(filter(None, self.found.read_text().split("\n")))

    def test_the_script_may_be_sourced(self):
        rc = self.home / ".zshrc"
        rc.write_text(rc.read_text().replace(f"fpath=({self.script.parent} $fpath)", "") +
                      "unfunction _regtool 2>/dev/null\nsource <(regtool completion zsh)\n")
        self.start_shell()
        self.assertEqual(self.complete("regtool copy --compress "), {"gzip", "zstd"})

    def read_until(self, done):
        """All that it shows is read, or it would wait."""
        shown = b""
        end = time.monotonic() + 60
        while not done(shown) and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.05)[0]:
                shown += os.read(self.terminal, 65536)
        return shown


if __name__ == "__main__":
    unittest.main()
