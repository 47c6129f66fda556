#!/bin/sh
# Resolves every lock file from pyproject.toml: names, versions and hashes only, no address of an index.
# Usage: requirements/lock.sh PATH_OF_UV   (make lock)
set -eu
uv=$1
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never
all=$(mktemp)
resolve() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
        -o "$out" "$@"
}
# One resolution of everything first, so that all lock files agree with each other.
rm -f "$all"
"$uv" pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
    --extra spark --extra lab --group dev -o "$all" pyproject.toml requirements/uv.in requirements/build.in requirements/mutants.in
resolve requirements/uv.txt -c "$all" requirements/uv.in requirements/build.in
resolve requirements/report.txt -c "$all" pyproject.toml requirements/build.in
resolve requirements/test.txt -c "$all" --group dev pyproject.toml requirements/build.in
resolve requirements/spark.txt -c "$all" --extra spark pyproject.toml requirements/build.in
resolve requirements/mutants.txt -c "$all" requirements/mutants.in
resolve requirements/lab.txt -c "$all" --extra lab pyproject.toml requirements/build.in
rm -f "$all"
