import { join } from 'node:path'

/** Where systems mount them. Version 2 lies in `unified` where version 1 is there as well. */
const ROOT = '/sys/fs/cgroup'

export type OwnGroup = { version: 1 | 2; folder: string }

/**
 * The control group of this process that hands out memory.
 *
 * @param text of `/proc/self/cgroup`: lines such as `0::/system.slice/firewatch.service` (version 2) and
 * `4:memory:/docker/…` (version 1).
 * @param exists whether a file is there.
 */
export function findOwnGroup(
  text: string,
  exists: (file: string) => boolean,
): OwnGroup | { missing: string } {
  const groups = text
    .split('\n')
    .map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, controllers = '', path = '']) => ({ controllers: controllers.split(','), path }))
  const first = groups.find(({ controllers }) => controllers.includes('memory'))
  if (first) {
    // A container sees the path as its machine has it, and the group itself at the root.
    const folder = [join(ROOT, 'memory', first.path), join(ROOT, 'memory')].find((candidate) =>
      exists(join(candidate, 'memory.limit_in_bytes')),
    )
    return folder
      ? { version: 1, folder }
      : { missing: 'the control groups for memory are not mounted' }
  }
  const second = groups.find(({ controllers }) => controllers[0] === '')
  if (!second) return { missing: 'this system has no control groups' }
  const folder = join(ROOT, second.path)
  // Only there where the group above hands memory out; never at the very root.
  return exists(join(folder, 'memory.max'))
    ? { version: 2, folder }
    : { missing: 'the control group of the probe has no memory of its own to hand out' }
}

/**
 * How many processes the kernel ended because of the limit.
 *
 * @param text of `memory.events` (version 2) or `memory.oom_control` (version 1): lines `oom_kill 1`.
 */
export const killedByLimit = (text: string): number =>
  Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
