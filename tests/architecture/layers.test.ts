import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Who may import whom. Bottom-up: a row may only name folders above it, so a cycle cannot even be
 * written down. Type-only imports count.
 */
const LAYERS: Record<string, { folders: string[]; packages: string[] }> = {
  base: { folders: [], packages: [] },
  protocol: { folders: ['base'], packages: ['zod', 'cron-parser'] },
  domain: { folders: ['base', 'protocol'], packages: [] },
  runtime: { folders: ['base'], packages: ['node:*', 'pino', 'undici', 'zod', '@opentelemetry/*'] },
  definitions: {
    // The domain says whether what was written can work, as with an objective that can never fire.
    folders: ['base', 'protocol', 'domain'],
    // The two before the last only compile paths and selectors, so that a wrong one is found when written.
    packages: ['node:*', 'yaml', 'zod', 'json-p3', 'css-select', 'markdown-it'],
  },
  sdk: { folders: ['base', 'protocol'], packages: ['playwright'] },
  probe: {
    folders: ['base', 'protocol', 'runtime', 'definitions', 'sdk'],
    packages: [
      'node:*',
      'playwright',
      'undici',
      'zod',
      'dns-packet',
      'fflate',
      'json-p3',
      'htmlparser2',
      'css-select',
      'domutils',
      'ws',
      // How a password is proven; the checks speak the rest of the protocol themselves.
      'pg',
      'pg/*',
      '@peculiar/asn1-ocsp',
      '@peculiar/asn1-schema',
      '@opentelemetry/api',
    ],
  },
  coordinator: {
    folders: ['base', 'protocol', 'domain', 'runtime', 'definitions'],
    packages: [
      'node:*',
      'fastify',
      'fastify-type-provider-zod',
      '@fastify/*',
      'json-p3',
      'kysely',
      'markdown-it',
      'nodemailer',
      'openid-client',
      'pdfmake',
      'pdfmake/*',
      'pg',
      'undici',
      'zod',
      '@opentelemetry/api',
    ],
  },
  dashboard: { folders: ['base', 'protocol'], packages: ['preact', 'uplot', 'vite', 'vite/*'] },
  demo: {
    folders: ['base', 'protocol', 'runtime', 'probe', 'coordinator'],
    packages: [
      'node:*',
      'fastify',
      '@fastify/*',
      'dns-packet',
      '@peculiar/x509',
      'reflect-metadata',
      'zod',
    ],
  },
  cli: {
    folders: [
      'base',
      'protocol',
      'domain',
      'runtime',
      'definitions',
      'sdk',
      'probe',
      'coordinator',
      'demo',
    ],
    packages: ['node:*', 'commander', 'zod'],
  },
}

/** The one file through which the folders above may enter these. */
const ENTRIES: Record<string, string[]> = {
  probe: [
    'src/probe/probe.ts',
    'src/probe/run-once.ts',
    'src/probe/find-chromium.ts',
    'src/probe/try-journeys.ts',
    'src/probe/record-journey.ts',
    'src/probe/secret-command-problems.ts',
  ],
  coordinator: ['src/coordinator/coordinator.ts', 'src/coordinator/backup.ts'],
}

const ROOT = join(import.meta.dirname, '../..')
const IMPORT = /(?:^(?:import|export)\b[^'";]*?from|^import|\bimport\()\s*'([^']+)'/gm

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|js)$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8')
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? '')
}

const layerOf = (file: string) => relative('src', file).split('/')[0] ?? ''
const targetOf = (file: string, target: string) => join(dirname(file), target)

function mayImportPackage(packages: string[], target: string): boolean {
  return packages.some((allowed) =>
    allowed.endsWith('*')
      ? target.startsWith(allowed.slice(0, -1))
      : target === allowed || target.startsWith(`${allowed}/`),
  )
}

test.each(sourceFiles('src'))('%s imports only what its layer may', (file) => {
  const layer = layerOf(file)
  const allowed = LAYERS[layer]
  if (!allowed) throw new Error(`a new folder in src/ needs a row in LAYERS: ${layer}`)

  const forbidden = importsOf(file).filter((target) => {
    if (!target.startsWith('.')) return !mayImportPackage(allowed.packages, target)
    const imported = targetOf(file, target)
    const importedLayer = layerOf(imported)
    if (importedLayer === layer) return false
    if (!allowed.folders.includes(importedLayer)) return true
    const entries = ENTRIES[importedLayer]
    return entries !== undefined && !entries.includes(imported)
  })

  expect(forbidden).toEqual([])
})

test.each(Object.entries(LAYERS))('%s names only rows above its own', (layer, { folders }) => {
  const rowsAbove = Object.keys(LAYERS).slice(0, Object.keys(LAYERS).indexOf(layer))
  expect(rowsAbove).toEqual(expect.arrayContaining(folders))
})

const BANNED_NAMES =
  /^(utils?|helpers?|common|shared|lib|misc|types|interfaces|constants|manager|service|index)(\.|$)/

test('no file or folder in src/ has a name that says nothing', () => {
  const named = sourceFiles('src').filter(
    (file) =>
      file !== 'src/sdk/index.ts' && file.split('/').some((part) => BANNED_NAMES.test(part)),
  )
  expect(named).toEqual([])
})

const WALL_CLOCK = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/
const MAY_READ_THE_CLOCK = ['src/runtime/system-clock.ts', 'src/runtime/randomness.ts']

test('time and randomness are arguments: nothing reads the wall clock or Math.random by itself', () => {
  const readers = sourceFiles('src').filter(
    (file) =>
      !file.startsWith('src/dashboard/') &&
      !MAY_READ_THE_CLOCK.includes(file) &&
      WALL_CLOCK.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  expect(readers).toEqual([])
})

test('no test mocks a module of ours', () => {
  // The pattern is written so that this file does not match itself.
  const mocks = sourceFiles('tests').filter((file) =>
    /\bvi\.(mock|spyOn)\(/.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  expect(mocks).toEqual([])
})
