import type { LoadKind } from "../load/load.ts";
import { wrkIsHere } from "../load/wrk.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster } from "../systems/etcd.ts";
import { etcdLoad, etcdPrograms, newestEtcd } from "../systems/etcd-programs.ts";
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

/** Which systems beside durio a suite compares; etcd through its own client always is, in all versions that are here. */
interface Others extends Clusters {
  /** All requests to a follower. */
  readonly follower?: boolean;
  /** Requests to all replicas. */
  readonly spread?: boolean;
  /** etcd's JSON gateway. */
  readonly json?: boolean;
  /** durio loaded by wrk. */
  readonly wrk?: boolean;
  readonly skeleton?: boolean;
}

/** Starts durio and every etcd, and returns the routes to their leaders and the others that are asked for. */
export async function routesTo(
  disposables: AsyncDisposableStack,
  { size = 3, optionsOfEach = () => ({}), ...others }: Others = {},
): Promise<readonly Route[]> {
  const durio = disposables.use(await Cluster.start(size, optionsOfEach()));
  const routes: Route[] = [{ name: "durio", cluster: durio, kind: "durio", to: "leader" }];
  if (others.spread) routes.push({ name: "durio, spread", cluster: durio, kind: "durio", to: "all" });
  if (others.follower)
    routes.push({ name: "durio, follower", cluster: durio, kind: "durio", to: "follower" });
  if (others.wrk && wrkIsHere) {
    routes.push({ name: "durio, wrk", cluster: durio, kind: "durio-wrk", to: "leader" });
  }
  for (const program of etcdPrograms) {
    const cluster = disposables.use(await EtcdCluster.start(program, size, optionsOfEach()));
    if (etcdLoad !== undefined) {
      routes.push({ name: `${program.name}, gRPC`, cluster, kind: "etcd-grpc", to: "leader" });
      if (others.spread)
        routes.push({ name: `${program.name}, gRPC, spread`, cluster, kind: "etcd-grpc", to: "all" });
    }
    if (others.json && program === newestEtcd)
      routes.push({ name: `${program.name}, JSON`, cluster, kind: "etcd-json", to: "leader" });
  }
  if (others.skeleton) {
    const skeleton = disposables.use(await Skeleton.start());
    routes.push({ name: "skeleton", cluster: skeleton, kind: "durio", to: "leader" });
  }
  return routes;
}
