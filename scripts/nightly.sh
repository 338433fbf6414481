#!/usr/bin/env bash
# What is too long for every change, one after the other; hours in all. Goes on after a failure, and ends with what failed.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
part() {
  echo
  echo "== $*"
  "$@" || failed+=("$*")
}

part npm run --silent sim -- --seeds 20000
part npm run --silent mutants
part npm run --silent labs
part npm run --silent chaos -- --minutes 2 --seconds 20

echo
if [[ ${#failed[@]} == 0 ]]; then
  echo "all passed"
else
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
