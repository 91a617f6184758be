/** Milliseconds of each of `repeats` runs of a task, after `warmUps` that are compiled and warm the caches. */
export function timed(task: () => unknown, { warmUps, repeats }: { warmUps: number; repeats: number }): number[] {
  for (let i = 0; i < warmUps; i++) task();
  return Array.from({ length: repeats }, () => {
    const started = performance.now();
    task();
    return performance.now() - started;
  });
}
