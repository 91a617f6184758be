/** What a notebook imports: `import { tf, compile } from "../lib"`. */
export * from "./core/errors";
export * from "./core/random";
export * from "./engine";
