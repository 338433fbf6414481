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
FLIPS=29 POWER_CUTS=30 part npx vitest run test/adapters/bun-sqlite/flips.test.ts test/adapters/power-cuts
HOSTILE_MESSAGES=1000000 part npx vitest run test/rpc/hostile-bytes.test.ts --testTimeout 3600000
CLERKS=3600 part npx vitest run test/kvraft/many-clerks.test.ts --testTimeout 3600000
part npm run --silent chaos -- --minutes 2 --seconds 20

echo
if [[ ${#failed[@]} == 0 ]]; then
  echo "all passed"
else
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
