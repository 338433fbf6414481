#!/usr/bin/env bash
# Builds the programs for `npm run bench` that are written in Go, from the Go module proxy (GOPROXY). Each is built once for
# each state of its files, into ~/.cache/ruaft.
#
#     bench/go-programs.sh build NAME   builds etcd, etcd-load or nats-server if necessary, and prints its path
#     bench/go-programs.sh find NAME    prints its path, or exits with 1 if it is not built
set -euo pipefail
cd "$(dirname "$0")"

# The directory of Debian's golang-etcd-server-dev.
debian=/usr/share/gocode

case ${2:-} in
  etcd) module=etcd package=./server ;;
  etcd-load) module=etcd package=./load ;;
  nats-server) module=nats-server package=github.com/nats-io/nats-server/v2 ;;
  *)
    echo "go-programs.sh: build or find, and etcd, etcd-load or nats-server, not $*" >&2
    exit 2
    ;;
esac

hash=$(find "$module" -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
directory=${XDG_CACHE_HOME:-$HOME/.cache}/ruaft
program=$directory/$2-${hash:0:16}
if [[ -x $program ]]; then
  echo "$program"
  exit 0
fi
if [[ $1 != build ]]; then exit 1; fi

go=$(command -v go || ls /usr/local/go/bin/go /usr/lib/go/bin/go /usr/lib/go-*/bin/go 2>/dev/null | tail -n 1 || true)
if [[ -z $go ]]; then
  echo "$2 can't be built: Go is not installed" >&2
  exit 1
fi

mkdir -p "$directory"
unfinished=$program.$$
trap 'rm -rf "$unfinished" "$unfinished.source"' EXIT
echo "building $2 with $("$go" version | cut -d " " -f 3), once" >&2
if ! (cd "$module" && "$go" build -o "$unfinished" "$package" >&2); then
  if [[ $2 != etcd-load || ! -d $debian/src/go.etcd.io/etcd/clientv3 ]]; then exit 1; fi
  echo "building $2 with Debian's client of etcd instead" >&2
  cp -r "$module/load" "$unfinished.source"
  sed -i 's#"go.etcd.io/etcd/client/v3"#"go.etcd.io/etcd/clientv3"#' "$unfinished.source/main.go"
  (cd "$unfinished.source" && GO111MODULE=off GOPATH=$debian GOFLAGS='' "$go" build -o "$unfinished" . >&2)
fi
mv "$unfinished" "$program"
echo "$program"
