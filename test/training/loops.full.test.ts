/** The small networks: loops.test.ts. */
import { largeLoops, testLoop } from "./golden-loop";

for (const loop of largeLoops) testLoop(loop);
