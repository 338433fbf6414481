#!/usr/bin/env bash
# Installs the programs of the system that the tests run: a NATS server, and strace where there is Linux.
#
#     scripts/setup.sh           installs what is missing; does nothing where all is there
#     scripts/setup.sh --check   only says, in one line, what is missing; 1 where something is
set -euo pipefail

needed=(nats-server)
if [[ $(uname) == Linux ]]; then needed+=(strace); fi

missing=()
for program in "${needed[@]}"; do
  # Debian keeps servers where only root looks.
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$program" >/dev/null || missing+=("$program")
done
if [[ ${#missing[@]} == 0 ]]; then exit 0; fi

if [[ ${1:-} == --check ]]; then
  echo "the tests need ${missing[*]}: \`npm run setup\` installs that, or says how" >&2
  exit 1
fi

by_hand() {
  echo "$1: install ${missing[*]} by hand (https://docs.nats.io/running-a-nats-service/introduction/installation)" >&2
  exit 1
}

# On all of these the packages are called what the programs are.
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
  by_hand "no package manager that is known here"
fi

# Homebrew is for everyone; the others are for root alone.
if [[ $install == brew* || $(id -u) == 0 ]]; then
  as_root="env"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo env"
else
  by_hand "this needs rights that you don't have here"
fi

echo "installing ${missing[*]}"
# One source of packages that can't be reached need not be the one that is wanted.
$as_root $refresh || true
$as_root DEBIAN_FRONTEND=noninteractive $install "${missing[@]}" || by_hand "that did not work"

if [[ ${missing[*]} == *nats-server* && $install == apt-get* ]]; then
  echo "Debian may have started a NATS server on port 4222 along; the tests start servers of their own"
fi
exec "$0" --check
