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

# On all of these the packages are called what the programs are.
if command -v apt-get >/dev/null; then
  refresh=(apt-get update -qq) install=(apt-get install -y -qq --no-install-recommends)
elif command -v dnf >/dev/null; then
  refresh=(true) install=(dnf install -y -q)
elif command -v pacman >/dev/null; then
  refresh=(true) install=(pacman -Sy --noconfirm --needed)
elif command -v apk >/dev/null; then
  refresh=(true) install=(apk add --quiet)
elif command -v brew >/dev/null; then
  refresh=(true) install=(brew install --quiet)
else
  echo "no package manager that is known here: install ${missing[*]} by hand (https://docs.nats.io/running-a-nats-service/introduction/installation)" >&2
  exit 1
fi

# Homebrew is for everyone; the others are for root alone.
if [[ ${install[0]} == brew || $(id -u) == 0 ]]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo)
else
  echo "this needs rights that you don't have here: as root, run ${install[*]} ${missing[*]}" >&2
  exit 1
fi

echo "installing ${missing[*]}"
"${as_root[@]}" "${refresh[@]}"
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" "${install[@]}" "${missing[@]}"

# A service of the distribution's may have been started along; the tests start servers of their own.
exec "$0" --check
