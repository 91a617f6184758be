/** Who has a lock; without pid and host while its file is being written. */
export interface LockHolder {
  readonly pid: number | undefined;
  readonly host: string | undefined;
  readonly gone: boolean;
}

export function alive(pid: number): boolean;
export function startOf(pid: number): string;
export function lockHolder(path: string, staleAfter: number): LockHolder | undefined;
/**
 * @param path of the lock file; its folder is made
 * @param staleAfter milliseconds: a lock of another machine that was not touched for so long counts as left behind
 */
export function tryLock(
  path: string,
  staleAfter: number,
): { giveBack(): void; holder?: never } | { holder: LockHolder; giveBack?: never };
