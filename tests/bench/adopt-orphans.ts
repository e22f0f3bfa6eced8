const PR_SET_CHILD_SUBREAPER = 36

/**
 * Makes this process the parent of all below it that lose theirs, so that what they used is not lost
 * with them. Node does not wait for them: they stay as zombies, and tell it, until this process ends.
 *
 * @throws {Error} where the kernel does not have it.
 */
export function adoptOrphans(): void {
  // Loaded here, because loading it prints a warning.
  const { dlopen } = process.getBuiltinModule('node:ffi')
  const { functions } = dlopen(null, {
    prctl: { arguments: ['int32', 'uint64', 'uint64', 'uint64', 'uint64'], return: 'int32' },
  })
  if (functions.prctl?.(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0)
    throw new Error('this kernel does not let a process adopt orphans')
}

/** What Node is started with for {@link adoptOrphans}: it would warn that this part of it may change. */
export const ADOPTING = ['--no-warnings']
