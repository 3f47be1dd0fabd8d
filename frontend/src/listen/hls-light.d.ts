// hls.js ships one set of types for its whole and its light build.
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
