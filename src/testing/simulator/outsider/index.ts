export { Interceptor } from "./interceptor.ts";
export { Outsider } from "./outsider.ts";
