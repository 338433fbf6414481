#!/usr/bin/env bash
# Installs the programs of the system that the tests run, a NATS server, and strace where there is Linux; what
# `npm run bench` compares with: etcd, and what builds a load on it through its own client; and what `npm run chaos` makes
# some faults with: iproute2 and libfaketime.
#
#     scripts/setup.sh           installs what is missing
#     scripts/setup.sh --tests   only what the tests need
#     scripts/setup.sh --check   only says, in one line, what the tests miss; 1 where that is something
set -euo pipefail

# Debian keeps servers where only root looks.
PATH="$PATH:/usr/sbin:/usr/local/sbin"

needed=(nats-server)
if [[ $(uname) == Linux ]]; then needed+=(strace); fi

missing=()
for program in "${needed[@]}"; do
  command -v "$program" >/dev/null || missing+=("$program")
done

# Packages of Debian and of what is made from it; nobody else has etcd's client for Go as one.
compared=()
command -v etcd >/dev/null || compared+=(etcd-server)
ls /usr/lib/go/bin/go /usr/lib/go-*/bin/go >/dev/null 2>&1 || command -v go >/dev/null || compared+=(golang-go)
[[ -d /usr/share/gocode/src/go.etcd.io/etcd/clientv3 ]] || compared+=(golang-etcd-server-dev)

# Also from Debian alone. Without them some faults are not made, and chaos says which.
chaos=()
if [[ $(uname) == Linux ]]; then
  command -v ip >/dev/null || chaos+=(iproute2)
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || chaos+=(faketime)
fi

case ${1:-} in
  "") ;;
  --tests) compared=() chaos=() ;;
  --check)
    if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
    echo "the tests need ${missing[*]}: \`npm run setup\` installs that, or says how" >&2
    exit 1
    ;;
  *)
    echo "setup.sh: nothing, --tests or --check, not $1" >&2
    exit 2
    ;;
esac
if [[ ${#missing[@]} == 0 && ${#compared[@]} == 0 && ${#chaos[@]} == 0 ]]; then exit 0; fi

# Why nothing can be installed, where that is so: without the tests' programs there is no going on, without etcd there is.
give_up() {
  if [[ ${#compared[@]} != 0 ]]; then
    echo "for npm run bench: $1, so the comparison with etcd is left out (${compared[*]})"
  fi
  if [[ ${#chaos[@]} != 0 ]]; then
    echo "for npm run chaos: $1, so some faults are not made (${chaos[*]})"
  fi
  if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
  echo "$1: install ${missing[*]} by hand (https://docs.nats.io/running-a-nats-service/introduction/installation)" >&2
  exit 1
}

# On all of these the packages that the tests need are called what the programs are.
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
  give_up "no package manager that is known here"
fi

if [[ $install != apt-get* ]]; then
  if [[ ${#compared[@]} != 0 ]]; then
    echo "for npm run bench: the comparison with etcd is left out, for it takes packages of Debian's (${compared[*]})"
  fi
  if [[ ${#chaos[@]} != 0 ]]; then
    echo "for npm run chaos: some faults are not made, because they take packages of Debian's (${chaos[*]})"
  fi
  compared=() chaos=()
  if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
fi

# Homebrew is for everyone; the others are for root alone.
if [[ $install == brew* || $(id -u) == 0 ]]; then
  as_root="env"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo env"
else
  give_up "this needs rights that you don't have here"
fi

# One source of packages that can't be reached need not be the one that is wanted.
$as_root $refresh || true

if [[ ${#missing[@]} != 0 ]]; then
  echo "installing ${missing[*]}"
  $as_root DEBIAN_FRONTEND=noninteractive $install "${missing[@]}" || give_up "that did not work"
  if [[ ${missing[*]} == *nats-server* && $install == apt-get* ]]; then
    echo "Debian may have started a NATS server on port 4222 too; the tests start their own servers"
  fi
fi

if [[ ${#compared[@]} != 0 ]]; then
  echo "for npm run bench: installing ${compared[*]}, to compare with etcd"
  if ! $as_root DEBIAN_FRONTEND=noninteractive $install "${compared[@]}"; then
    echo "for npm run bench: that did not work, so the comparison with etcd is left out"
  elif [[ ${compared[*]} == *etcd-server* ]]; then
    echo "Debian may have started etcd on port 2379 along; the bench starts its own, elsewhere"
  fi
fi

if [[ ${#chaos[@]} != 0 ]]; then
  echo "for npm run chaos: installing ${chaos[*]}"
  if ! $as_root DEBIAN_FRONTEND=noninteractive $install "${chaos[@]}"; then
    echo "for npm run chaos: that did not work, so some faults are not made"
  fi
fi
exec "$0" --check
