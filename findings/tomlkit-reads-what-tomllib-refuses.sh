#!/usr/bin/env bash
# tomlkit 0.15.2 reads TOML 1.1; 0.13.3 and the tomllib of Python 3.11 to 3.14 read TOML 1.0, of the same file.
#
# Whoever edits a settings file with tomlkit and reads it with tomllib has two readers: an inline table over several lines,
# `\e` and `\x41` in a string, and a time without seconds pass the first and fail the second. tomlkit does not make such a
# file of its own (it writes \u001b, and 07:32:00), but it keeps what a newer editor wrote, and a key that it adds to an
# inline table over several lines leaves it one. So a draft that tomlkit made out of a person's file has to be read once
# with the reader of the program before it is given out.
#
# Fails when any of them reads otherwise. Where Python is 3.15 or newer, its tomllib is told and not judged.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/read.py" <<'PY'
import sys, tomllib
from datetime import time
import tomlkit

NEW = {"inline table": 'a = {\n  x = 1,\n}\n', "escape": 's = "\\e[0m"\n', "hexadecimal": 's = "\\x41"\n', "time": "t = 07:32\n"}

def reads(load, text):
    try:
        load(text)
    except ValueError as error:
        return type(error).__name__
    return "read"

kit = {name: reads(tomlkit.parse, text) for name, text in NEW.items()}
lib = {name: reads(tomllib.loads, text) for name, text in NEW.items()}
print("tomlkit", tomlkit.__version__, kit)
print("tomllib", sys.version.split()[0], lib)
if sys.version_info < (3, 15):
    assert "read" not in lib.values()
if sys.argv[1] == "old":
    assert "read" not in kit.values()
else:
    assert set(kit.values()) == {"read"}
    assert tomlkit.dumps({"s": "\x1b", "t": time(7, 32)}) == 's = "\\u001b"\nt = 07:32:00\n'
    document = tomlkit.parse(NEW["inline table"])
    document["a"]["y"] = 2
    assert "\n" in document.as_string().strip(), document.as_string()
    assert document.unwrap() == {"a": {"x": 1, "y": 2}}
PY
for pair in old:0.13.3 new:0.15.2; do
    python3 -m venv "$folder/${pair%%:*}"
    "$folder/${pair%%:*}/bin/pip" install --quiet --disable-pip-version-check "tomlkit==${pair##*:}"
    "$folder/${pair%%:*}/bin/python" "$folder/read.py" "${pair%%:*}"
done
