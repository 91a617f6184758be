/** The five published systems, in the order of their numbers. */
import { BEETL } from "./beetl";
import { HEFEI } from "./hefei";
import { HMS } from "./hms";
import { SLEEPINGDRAGON } from "./sleepingdragon";
import type { System } from "./system";
import { YAI } from "./yai";

export const SYSTEMS: readonly System[] = [SLEEPINGDRAGON, YAI, HMS, BEETL, HEFEI];
