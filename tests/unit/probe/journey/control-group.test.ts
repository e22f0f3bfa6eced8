import { expect, test } from 'vitest'
import { findOwnGroup, killedByLimit } from '../../../../src/probe/journey/control-group.ts'

const on = (...files: string[]) => {
  const there = new Set(files)
  return (file: string) => there.has(file)
}

test.each([
  {
    where: 'a service of systemd',
    text: '0::/system.slice/firewatch-probe@eu.service\n',
    exists: on('/sys/fs/cgroup/system.slice/firewatch-probe@eu.service/memory.max'),
    found: { version: 2, folder: '/sys/fs/cgroup/system.slice/firewatch-probe@eu.service' },
  },
  {
    where: 'version 1',
    text: '9:name=systemd:/\n4:memory:/app/one\n1:cpu,cpuacct:/\n0::/\n',
    exists: on('/sys/fs/cgroup/memory/app/one/memory.limit_in_bytes'),
    found: { version: 1, folder: '/sys/fs/cgroup/memory/app/one' },
  },
  {
    where: 'a container of version 1, which sees its own group at the root',
    text: '4:cpuset,memory:/docker/4f2a\n0::/\n',
    exists: on('/sys/fs/cgroup/memory/memory.limit_in_bytes'),
    found: { version: 1, folder: '/sys/fs/cgroup/memory' },
  },
  {
    where: 'version 1 that is not mounted',
    text: '4:memory:/docker/4f2a\n',
    exists: on(),
    found: { missing: 'the control groups for memory are not mounted' },
  },
  {
    where: 'the root of version 2, or a group without memory',
    text: '0::/\n',
    exists: on(),
    found: { missing: 'the control group of the probe has no memory of its own to hand out' },
  },
  {
    where: 'another system',
    text: '',
    exists: on(),
    found: { missing: 'this system has no control groups' },
  },
])('the own group for memory: $where', ({ text, exists, found }) => {
  expect(findOwnGroup(text, exists)).toEqual(found)
})

test.each([
  { text: 'low 0\nhigh 12\nmax 4\noom 1\noom_kill 2\noom_group_kill 0\n', killed: 2 },
  { text: 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n', killed: 1 },
  { text: 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n', killed: 0 },
  { text: '', killed: 0 },
])('processes that the limit ended: $killed', ({ text, killed }) => {
  expect(killedByLimit(text)).toBe(killed)
})
