/** What a notebook imports: `import { tf, compile, readEdf, chart } from "../lib"`. */
export * from "./augmentation";
export * from "./core/cell-signal";
export * from "./core/errors";
export * from "./core/files";
export * from "./core/random";
export * from "./engine";
export * from "./ensembling";
export * from "./formats";
export * from "./models";
export { type ModelSummary, summarizeModel } from "./models/summary";
export * from "./preprocessing";
export * from "./report";
export * from "./simulation";
export * from "./systems";
export * from "./training";
