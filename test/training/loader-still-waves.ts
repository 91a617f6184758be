/** The waves of loader-waves.ts without noise, as what is held back is looked at. */
import type { PrepareExamples } from "../../lib/training/loader-batch";
import { wave } from "./loader-waves";

export const prepare: PrepareExamples<null> = () => (index) => wave(index);
