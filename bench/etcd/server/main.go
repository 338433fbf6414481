// The newest etcd. `go install` can't build it, because it refuses the replacements in etcd's go.mod.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
