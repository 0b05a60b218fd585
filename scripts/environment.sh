# Sourced by scripts/run and scripts/test: makes .venv once and leaves it alone while nothing changed.
#
#   environment EXTRA    EXTRA is "" or "test". Afterwards $bin holds python, ingest, pytest, ...
#
# PYTHON names the interpreter that makes the environment; by default the first one found that is new enough.
# The stamp in .venv says what was installed, from which pyproject.toml, by which Python and for which folder:
# while it fits, nothing is installed and the network is not touched.

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; shift; for hint in "$@"; do say "  hint: $hint"; done; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

find_python() {
    candidates=${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10 python}
    for candidate in $candidates; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.10 or newer is needed, and none of these is: $candidates" \
        "install one, or name it: PYTHON=/path/to/python3.12 $0"
}

# Some systems ship venv without ensurepip: there the pip at hand puts a pip into the new environment.
make_venv() {
    python=$(find_python) || exit 1
    say "Making .venv with $("$python" -V) ($python)"
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        "$python" -m venv .venv && return
    elif "$python" -m venv --without-pip .venv; then
        packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        "$python" -m pip install --quiet --target "$packages" pip && return
    fi
    rm -rf .venv
    die "could not make a virtual environment with $python" \
        "the modules venv and pip are needed (Debian, Ubuntu: apt-get install python3-venv)"
}

fingerprint() { # of what the environment is made from
    .venv/bin/python - <<'PYTHON'
import hashlib, os, sys
with open("pyproject.toml", "rb") as file:
    print(hashlib.sha256(file.read()).hexdigest()[:16], "%d.%d.%d" % sys.version_info[:3], os.getcwd())
PYTHON
}

installed() {
    bin=$PWD/.venv/bin
    stamp=.venv/ingest-installed
    if [ -f .venv/pyvenv.cfg ] && ! "$bin/python" -c '' >/dev/null 2>&1; then
        say "Replacing .venv: its Python does not run"
        rm -rf .venv
    elif [ -e .venv ] && ! new_enough "$bin/python"; then
        die ".venv is there, but not as an environment with Python 3.10 or newer" "remove it: rm -rf $PWD/.venv"
    fi
    [ -e .venv ] || make_venv
    wanted=$(fingerprint)
    if [ -f "$stamp" ]; then
        have=$(cat "$stamp")
        # an environment for the tests also serves to run
        case $have in "$wanted extra=$1" | "$wanted extra=test") return ;; esac
    fi
    "$bin/python" -m pip --version >/dev/null 2>&1 || "$bin/python" -m ensurepip >/dev/null 2>&1 ||
        die ".venv has no pip and none can be put there" "remove it: rm -rf $PWD/.venv"
    say "Installing ingest and what it needs into .venv (only when pyproject.toml changed)"
    rm -f "$stamp"
    "$bin/python" -m pip install --quiet --editable ".${1:+[$1]}" ||
        die "the installation failed, see above" "the package index must be reachable for the first installation"
    printf '%s\n' "$wanted extra=$1" >"$stamp"
}

environment() {
    installed "$1"
    # containers like to set PYTHONDONTWRITEBYTECODE: each command would then compile all modules anew, for 0.4 s
    [ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || "$bin/python" -m compileall -q ingest || :
}
