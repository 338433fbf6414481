export { NamespaceNetwork } from "./namespaces.ts";
export {
  type Address,
  type Endpoint,
  type Link,
  type LinkSpeed,
  linksBetween,
  type Network,
  nameOf,
  urlOf,
} from "./network.ts";
export { ProxyNetwork } from "./proxies.ts";
