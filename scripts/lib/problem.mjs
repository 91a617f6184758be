/** What went wrong and what to do about it, for people: scripts print the message alone, without a stack. */
export class Problem extends Error {
  /**
   * @param {string} what what went wrong, with the value found
   * @param {string} fix what the reader can do
   * @param {{ common?: boolean }} [kind] common: it would stop any other download just as well (network, disk)
   */
  constructor(what, fix, { common = false } = {}) {
    super(`${what}\n  ${fix}`);
    this.name = "Problem";
    this.common = common;
  }
}

/** Turns the system's errors about disk and permissions into problems; gives anything else back as it is. */
export function explain(error) {
  const code = error?.code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new Problem(
      `the disk is full: ${error.path ?? error.message}`,
      "free some space and run the command again",
      {
        common: true,
      },
    );
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new Problem(
      `no permission to write ${error.path ?? error.message}`,
      "run as the user who owns the project's folder, or give this user the right to write there",
    );
  return error;
}
