import { etcdClientIsHere } from "../load/etcd-client.ts";
import type { LoadKind } from "../load/load.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster, etcdIsHere } from "../systems/etcd.ts";
import type { ClusterOptions, ProcessCluster } from "../systems/process-cluster.ts";
import { Skeleton } from "../systems/skeleton.ts";

/** A way to reach a cluster. */
export interface Route {
  /** The contender's name. */
  readonly name: string;
  readonly cluster: ProcessCluster;
  readonly kind: LoadKind;
  readonly to: "leader" | "follower" | "all";
  /** Sent with each request. Default: none. */
  readonly token?: string;
}

interface Clusters {
  readonly size?: number;
  /** Called once for each cluster. */
  readonly optionsOfEach?: () => ClusterOptions;
}

/** Starts durio, and etcd if it is installed. */
async function durioAndEtcd(
  disposables: AsyncDisposableStack,
  { size = 3, optionsOfEach = () => ({}) }: Clusters = {},
): Promise<{ durio: Cluster; etcd: EtcdCluster | undefined }> {
  const durio = disposables.use(await Cluster.start(size, optionsOfEach()));
  const etcd = etcdIsHere ? disposables.use(await EtcdCluster.start(size, optionsOfEach())) : undefined;
  return { durio, etcd };
}

/** Returns the routes to the leaders of durio and, through its own client, of etcd. */
export async function leaderRoutes(
  disposables: AsyncDisposableStack,
  clusters?: Clusters,
): Promise<readonly Route[]> {
  const { durio, etcd } = await durioAndEtcd(disposables, clusters);
  const routes: Route[] = [{ name: "durio", cluster: durio, kind: "durio", to: "leader" }];
  if (etcd !== undefined && etcdClientIsHere) {
    routes.push({ name: "etcd, gRPC", cluster: etcd, kind: "etcd-grpc", to: "leader" });
  }
  return routes;
}

/** Returns all routes to durio, etcd and the skeleton. */
export async function allRoutes(disposables: AsyncDisposableStack): Promise<readonly Route[]> {
  const { durio, etcd } = await durioAndEtcd(disposables);
  const skeleton = disposables.use(await Skeleton.start());
  const routes: Route[] = [
    { name: "durio", cluster: durio, kind: "durio", to: "leader" },
    { name: "durio, spread", cluster: durio, kind: "durio", to: "all" },
    { name: "durio, follower", cluster: durio, kind: "durio", to: "follower" },
  ];
  if (etcd !== undefined && etcdClientIsHere) {
    routes.push({ name: "etcd, gRPC", cluster: etcd, kind: "etcd-grpc", to: "leader" });
    routes.push({ name: "etcd, gRPC, spread", cluster: etcd, kind: "etcd-grpc", to: "all" });
  }
  if (etcd !== undefined) routes.push({ name: "etcd, JSON", cluster: etcd, kind: "etcd-json", to: "leader" });
  routes.push({ name: "skeleton", cluster: skeleton, kind: "durio", to: "leader" });
  return routes;
}
