#!/usr/bin/env bash
# Installs programs: nats-server (and strace on Linux) for the tests; etcd and wrk for `npm run bench`, and with Go also the newest
# etcd; iproute2 and libfaketime for `npm run chaos`.
#
#     scripts/setup.sh           installs what is missing
#     scripts/setup.sh --tests   installs only what the tests need
#     scripts/setup.sh --check   prints what the tests need and is missing, and exits with 1 if there is something
set -euo pipefail

# Debian installs servers into directories that only root has in its PATH.
PATH="$PATH:/usr/sbin:/usr/local/sbin"

needed=(nats-server)
if [[ $(uname) == Linux ]]; then needed+=(strace); fi

go_programs=$(cd "$(dirname "$0")/.." && pwd)/bench/go-programs.sh

# Builds the newest etcd and its client, because distributions have older ones.
build_go_programs() {
  for program in etcd etcd-load; do
    "$go_programs" build "$program" >/dev/null || echo "for npm run bench: $program was not built, see above"
  done
}

missing=()
for program in "${needed[@]}"; do
  command -v "$program" >/dev/null || missing+=("$program")
done

# Packages of Debian and its derivatives. Its client of etcd replaces the newest one if that can't be built.
packages_for_bench() {
  compared=()
  command -v etcd >/dev/null || compared+=(etcd-server)
  command -v wrk >/dev/null || compared+=(wrk)
  if ! "$go_programs" find etcd-load >/dev/null; then
    ls /usr/local/go/bin/go /usr/lib/go/bin/go /usr/lib/go-*/bin/go >/dev/null 2>&1 || command -v go >/dev/null || compared+=(golang-go)
    [[ -d /usr/share/gocode/src/go.etcd.io/etcd/clientv3 ]] || compared+=(golang-etcd-server-dev)
  fi
}

compared=()

# Also only on Debian. Without them, chaos skips some faults and reports which.
chaos=()
if [[ $(uname) == Linux ]]; then
  command -v ip >/dev/null || chaos+=(iproute2)
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || chaos+=(faketime)
fi

case ${1:-} in
  "")
    if command -v go >/dev/null || [[ -x /usr/local/go/bin/go ]]; then build_go_programs; fi
    packages_for_bench
    ;;
  --tests) chaos=() ;;
  --check)
    if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
    echo "the tests need ${missing[*]}: run \`npm run setup\`" >&2
    exit 1
    ;;
  *)
    echo "setup.sh: no argument, --tests or --check, not $1" >&2
    exit 2
    ;;
esac
if [[ ${#missing[@]} == 0 && ${#compared[@]} == 0 && ${#chaos[@]} == 0 ]]; then exit 0; fi

# Ends with a message, and with 1 if a program that the tests need is missing.
give_up() {
  if [[ ${#compared[@]} != 0 ]]; then
    echo "for npm run bench: $1, so not everything is measured (${compared[*]})"
  fi
  if [[ ${#chaos[@]} != 0 ]]; then
    echo "for npm run chaos: $1, so some faults are skipped (${chaos[*]})"
  fi
  if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
  echo "$1: install ${missing[*]} by hand (https://docs.nats.io/running-a-nats-service/introduction/installation)" >&2
  exit 1
}

# With all of these, the packages for the tests have the programs' names.
if command -v apt-get >/dev/null; then
  refresh="apt-get update -qq" install="apt-get install -y -qq --no-install-recommends"
elif command -v dnf >/dev/null; then
  refresh="true" install="dnf install -y -q"
elif command -v pacman >/dev/null; then
  refresh="true" install="pacman -S --noconfirm --needed"
elif command -v apk >/dev/null; then
  refresh="true" install="apk add --quiet"
elif command -v brew >/dev/null; then
  refresh="true" install="brew install --quiet"
else
  give_up "no known package manager"
fi

if [[ $install != apt-get* ]]; then
  if [[ ${#compared[@]} != 0 ]]; then
    echo "for npm run bench: not everything is measured, because only Debian has the packages (${compared[*]})"
  fi
  if [[ ${#chaos[@]} != 0 ]]; then
    echo "for npm run chaos: some faults are skipped, because only Debian has the packages (${chaos[*]})"
  fi
  compared=() chaos=()
  if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
fi

# Homebrew needs no root; the others do.
if [[ $install == brew* || $(id -u) == 0 ]]; then
  as_root="env"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo env"
else
  give_up "root or sudo without a password is needed"
fi

# Continue if a package source can't be reached, because another one may have the packages.
$as_root $refresh || true

if [[ ${#missing[@]} != 0 ]]; then
  echo "installing ${missing[*]}"
  $as_root DEBIAN_FRONTEND=noninteractive $install "${missing[@]}" || give_up "installation failed"
  if [[ ${missing[*]} == *nats-server* && $install == apt-get* ]]; then
    echo "Debian may have started a NATS server on port 4222 too; the tests start their own servers"
  fi
fi

if [[ ${#compared[@]} != 0 ]]; then
  echo "for npm run bench: installing ${compared[*]}"
  if ! $as_root DEBIAN_FRONTEND=noninteractive $install "${compared[@]}"; then
    echo "for npm run bench: installation failed, so not everything is measured"
  elif [[ ${compared[*]} == *etcd-server* ]]; then
    echo "Debian may have started etcd on port 2379 too; the benchmarks start their own on another port"
  fi
  if [[ ${compared[*]} == *golang* ]]; then build_go_programs; fi
fi

if [[ ${#chaos[@]} != 0 ]]; then
  echo "for npm run chaos: installing ${chaos[*]}"
  if ! $as_root DEBIAN_FRONTEND=noninteractive $install "${chaos[@]}"; then
    echo "for npm run chaos: installation failed, so some faults are skipped"
  fi
fi
exec "$0" --check
