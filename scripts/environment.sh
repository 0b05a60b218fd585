# Sourced by scripts/run, scripts/test and scripts/test-newest: makes a virtual environment once, and leaves it alone
# while nothing changed.
#
#   environment run       .venv with what `ingest` needs, in the versions of requirements/run.txt
#   environment test      .venv with the tests' needs too, in the versions of requirements/test.txt
#   environment newest    .venv-newest with the newest versions that pyproject.toml allows, looked for each time
#
# Afterwards $bin holds python, ingest, pytest, ...
#
# PYTHON names the interpreter that makes the environment; by default the first one found that is new enough.
# The stamp in .venv says what was installed, from which pyproject.toml and lock files, by which Python and for which
# folder: while it fits, nothing is installed and the network is not touched.

# use-pep517: by the default of some pips, a package that has no wheel would be built in an older way, with warnings
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_USE_PEP517=1

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; shift; for hint in "$@"; do say "  hint: $hint"; done; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

find_python() {
    candidates=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10 python}
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
    say "Making $venv with $("$python" -V) ($python)"
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        "$python" -m venv "$venv" && return
    elif "$python" -m venv --without-pip "$venv"; then
        packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        "$python" -m pip install --quiet --require-hashes --target "$packages" -r requirements/pip.txt && return
    fi
    rm -rf "$venv"
    die "could not make a virtual environment with $python" \
        "the modules venv and pip are needed (Debian, Ubuntu: apt-get install python3-venv)"
}

fingerprint() { # of what the environment is made from
    "$bin/python" - <<'PYTHON'
import glob, hashlib, os, sys
made_from = hashlib.sha256()
for path in ["pyproject.toml", *sorted(glob.glob("requirements/*.txt"))]:
    with open(path, "rb") as file:
        made_from.update(file.read())
print(made_from.hexdigest()[:16], "%d.%d.%d" % sys.version_info[:3], os.getcwd())
PYTHON
}

usable() { # makes $venv where there is none that runs
    bin=$PWD/$venv/bin
    if [ -f "$venv/pyvenv.cfg" ] && ! "$bin/python" -c '' >/dev/null 2>&1; then
        say "Replacing $venv: its Python does not run"
        rm -rf "$venv"
    elif [ -e "$venv" ] && ! new_enough "$bin/python"; then
        die "$venv is there, but not as an environment with Python 3.10 or newer" "remove it: rm -rf $PWD/$venv"
    fi
    [ -e "$venv" ] || make_venv
}

has_pip() {
    "$bin/python" -m pip --version >/dev/null 2>&1 || "$bin/python" -m ensurepip >/dev/null 2>&1 ||
        die "$venv has no pip and none can be put there" "remove it: rm -rf $PWD/$venv"
}

pip_install() { # the warnings are those of build backends, to the authors of what is built
    PYTHONWARNINGS=ignore "$bin/python" -m pip install --quiet "$@" ||
        die "the installation failed, see above" \
            "the package index must be reachable, and have wheels for $("$bin/python" -V) on this system" \
            "another Python can be named: rm -rf $PWD/$venv; PYTHON=/path/to/python3.12 $0"
}

# No dependency is looked for, as the lock files hold them all. What has no wheel (langdetect, this project) is built by
# the locked setuptools.
locked() { pip_install --require-hashes --no-deps --no-build-isolation -r "$1"; }

installed() {
    stamp=$venv/ingest-installed
    wanted=$(fingerprint)
    if [ -f "$stamp" ]; then
        have=$(cat "$stamp")
        # an environment for the tests also serves to run
        case $have in "$wanted lock=$1" | "$wanted lock=test") return ;; esac
    fi
    has_pip
    case $1 in run) size="100 MB, half a minute" ;; *) size="260 MB, one to two minutes" ;; esac
    say "Installing requirements/$1.txt into $venv: some $size (not again until pyproject.toml or a lock file changes)"
    rm -f "$stamp"
    locked requirements/build.txt
    locked "requirements/$1.txt"
    # compat: a plain path, which type checkers follow; the finder that setuptools makes otherwise they do not
    pip_install --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
    printf '%s\n' "$wanted lock=$1" >"$stamp"
}

environment() {
    case $1 in newest) venv=.venv-newest ;; *) venv=.venv ;; esac
    usable
    if [ "$1" = newest ]; then
        has_pip
        say "Installing the newest versions that pyproject.toml allows into $venv: some 110 MB, half a minute"
        pip_install --upgrade pip
        pip_install --upgrade --upgrade-strategy eager --config-settings editable_mode=compat --editable ".[test-tools,object-storage]"
    else
        installed "$1"
    fi
    # containers like to set PYTHONDONTWRITEBYTECODE: each command would then compile all modules anew, for 0.4 s
    [ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || "$bin/python" -m compileall -q ingest || :
}
