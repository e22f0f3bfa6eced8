import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Instruction, imageConfig, lineage, readDockerfile, type Stage } from './dockerfile.ts'

/**
 * Where no container engine runs, the Dockerfile's steps are executed in a folder that `debootstrap`
 * made: the same packages, the same commands, the same user. What stands for the image of Node is
 * Debian's base with the Node of this project in it.
 */

const ROOT = join(import.meta.dirname, '../..')
const STEP_MS = 10 * 60_000
/** Whom this machine trusts besides, as the registry may need. */
const AUTHORITIES = 'etc/authorities-of-the-host.pem'

/** Why images cannot be made here; undefined when they can. */
export function imageProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may make a root of its own'
  for (const program of ['debootstrap', 'chroot', 'unshare', 'ip'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
      return `${program} is not here`
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
    return 'this machine lets nobody mount anything'
  return undefined
}

export type Image = { root: string; config: ReturnType<typeof imageConfig> }

/** Makes the images of `deploy/Dockerfile` that are named, below `folder`. */
export function buildImages(folder: string, names: readonly string[]): Map<string, Image> {
  const stages = readDockerfile(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'))
  const roots = new Map<string, string>()
  const rootOf = (name: string): string => {
    const known = roots.get(name)
    if (known !== undefined) return known
    const root = join(folder, name.replaceAll(/\W/g, '-'))
    const stage = stages.find((candidate) => candidate.name === name)
    if (!stage) makeBase(root)
    else {
      run('cp', ['-a', rootOf(stage.from), root])
      follow(stage, root, rootOf, lastWorkFolder(lineage(stages, stage.from)))
    }
    roots.set(name, root)
    return root
  }
  return new Map(
    names.map((name) => [name, { root: rootOf(name), config: imageConfig(lineage(stages, name)) }]),
  )
}

/** Debian with Node 26 and npm, as the image `node:26-bookworm-slim` is. */
function makeBase(root: string): void {
  // What Node is linked with; its own image has it as well.
  const libraries = '--include=libatomic1,libstdc++6'
  run('debootstrap', ['--variant=minbase', libraries, 'bookworm', root])
  // Security updates too, by whatever way this machine gets them.
  if (existsSync('/etc/apt/sources.list.d/debian.sources')) {
    cpSync(
      '/etc/apt/sources.list.d/debian.sources',
      join(root, 'etc/apt/sources.list.d/debian.sources'),
    )
    writeFileSync(join(root, 'etc/apt/sources.list'), '')
  }
  for (const file of ['/etc/resolv.conf', '/etc/hosts'])
    writeFileSync(join(root, file), readFileSync(file))
  const { NODE_EXTRA_CA_CERTS: authorities } = process.env
  if (authorities) cpSync(authorities, join(root, AUTHORITIES))
  cpSync(join(ROOT, 'node_modules/node/bin/node'), join(root, 'usr/local/bin/node'))
  const npm = join(run('npm', ['root', '-g']).trim(), 'npm')
  mkdirSync(join(root, 'usr/local/lib/node_modules'), { recursive: true })
  run('cp', ['-aL', npm, join(root, 'usr/local/lib/node_modules/npm')])
  run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm')])
}

const lastWorkFolder = (stages: readonly Stage[]) =>
  stages.flatMap(({ instructions }) => instructions).findLast(({ name }) => name === 'WORKDIR')
    ?.argument ?? '/'

function follow(
  { instructions }: Stage,
  root: string,
  rootOf: (stage: string) => string,
  inheritedFolder: string,
): void {
  let workFolder = inheritedFolder
  for (const instruction of instructions) {
    const { name, argument } = instruction
    if (name === 'WORKDIR') {
      workFolder = argument
      mkdirSync(join(root, argument), { recursive: true })
    } else if (name === 'COPY') copy(instruction, join(root, workFolder), rootOf, root)
    else if (name === 'RUN') runIn(root, workFolder, argument)
  }
}

function copy(
  { argument }: Instruction,
  into: string,
  rootOf: (stage: string) => string,
  root: string,
): void {
  const words = argument.split(/\s+/)
  const from = /^--from=(.+)/.exec(words[0] ?? '')?.[1]
  const paths = from === undefined ? words : words.slice(1)
  const target = paths.at(-1) ?? ''
  for (const path of paths.slice(0, -1)) {
    const source = from === undefined ? join(ROOT, path) : join(rootOf(from), path)
    const base = target.startsWith('/') ? root : into
    const place = join(base, target.endsWith('/') ? join(target, path) : target)
    mkdirSync(dirname(place), { recursive: true })
    run('cp', ['-aT', '--no-preserve=ownership', source, place])
  }
}

/** As `docker build` runs a step: as root, with a /proc of its own. */
function runIn(root: string, workFolder: string, command: string): void {
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    DEBIAN_FRONTEND: 'noninteractive',
    ...(existsSync(join(root, AUTHORITIES)) && { NODE_EXTRA_CA_CERTS: `/${AUTHORITIES}` }),
    ...(process.env.npm_config_registry && {
      npm_config_registry: process.env.npm_config_registry,
    }),
  }
  run(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', `--mount-proc=${join(root, 'proc')}`],
      ...['chroot', root, '/bin/sh', '-ec', `cd ${workFolder}; ${command}`],
    ],
    environment,
  )
}

function run(command: string, argv: string[], env?: Record<string, string>): string {
  const result = spawnSync(command, argv, {
    encoding: 'utf8',
    timeout: STEP_MS,
    maxBuffer: 64 * 1024 ** 2,
    ...(env && { env: { ...env, PATH: `${env.PATH}:${process.env.PATH}` } }),
  })
  if (result.status === 0) return result.stdout
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`${command} ${argv.join(' ')} ended with ${result.status}:\n${said}`)
}

export type ContainerOptions = {
  /** A folder of this machine that is /var/lib/firewatch, the only one that keeps what is written. */
  dataFolder: string
  environment: Record<string, string>
  /** Folders of this machine at places in the image, read-only. */
  mounts: Record<string, string>
}

/**
 * Starts what an image runs, as compose.yaml and the manifests do: its user, a read-only root, /tmp in
 * memory, its own processes, no capabilities. The network is this machine's.
 */
export function startContainer({ root, config }: Image, options: ContainerOptions) {
  run('chown', ['-R', String(config.user), options.dataFolder])
  const mounts = [
    `mount --bind ${root} ${root}`,
    `mount --bind ${options.dataFolder} ${root}/var/lib/firewatch`,
    ...Object.entries(options.mounts).flatMap(([at, from]) => [
      `mount --bind ${from} ${root}${at}`,
      `mount -o remount,bind,ro ${root}${at}`,
    ]),
    `mount -o remount,bind,ro ${root}`,
    `mount -t tmpfs tmpfs ${root}/tmp`,
    `mount -t tmpfs tmpfs ${root}/dev/shm`,
    `mount -t proc proc ${root}/proc`,
  ]
  const environment = Object.entries({
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...config.environment,
    ...options.environment,
  }).map(([name, value]) => `'${name}=${value}'`)
  const start = `exec chroot ${root} ${confined(config.user)} env -i -C /app ${environment.join(' ')} ${config.command.join(' ')}`
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child=SIGKILL'],
      ...['sh', '-ec', [...mounts, start].join('\n')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-64 * 1024)
    })
  return {
    process: child,
    output: () => output,
    /** The signal goes to the image's first process, as an engine sends it. */
    signal(signal: NodeJS.Signals) {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      process.kill(Number(children.trim()), signal)
    },
    /** What the image's own health check says, run beside it. */
    health: () =>
      spawnSync(
        'chroot',
        [root, 'env', '-i', '-C', '/app', 'PATH=/usr/local/bin:/usr/bin', ...config.health],
        { encoding: 'utf8', timeout: 20_000 },
      ),
  }
}

/** As somebody without any capability, who can get none either. */
const confined = (user = '0') =>
  `setpriv --reuid ${user} --regid ${user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all`

/** Runs one command of an image to its end, in a network of its own whose users may all ping. */
export function runConfined({ root, config }: Image, command: readonly string[]) {
  const network = [
    'ip link set lo up',
    'echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range',
    `exec chroot ${root} ${confined(config.user)} env -i PATH=/usr/bin:/bin ${command.join(' ')}`,
  ]
  return spawnSync('unshare', ['--net', 'sh', '-ec', network.join('\n')], {
    encoding: 'utf8',
    timeout: 20_000,
  })
}
