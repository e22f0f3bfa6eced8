import { Document, isMap, isSeq } from 'yaml'
import { NAME_LENGTH_MAX } from '../../protocol/ids.ts'
import type { LeftOut } from './foreign-file.ts'

/** Files as they would lie in a folder with `probes/` and `config/`, and what is not in them. */
export type Imported = { files: { path: string; content: string }[]; leftOut: LeftOut[] }

/** A check as people write it, without its id, and where it comes from. */
export type ImportedCheck = {
  service: string
  /** What its id is made of. */
  name: string
  /** Said above it, as a comment. */
  source: string
  check: Record<string, unknown>
}

/** Writes checks down as definitions: one file a service, ids unique in the fleet. */
export function writeFleet(checks: readonly ImportedCheck[], leftOut: LeftOut[]): Imported {
  const ids = new Set<string>()
  const identified = checks.map((imported) => ({
    ...imported,
    service: kebab(imported.service, 'imported'),
    id: uniqueId(kebab(imported.name, 'check'), ids),
  }))
  const services = [...Map.groupBy(identified, ({ service }) => service)]
  if (services.length === 0) return { files: [], leftOut }
  return {
    files: [
      {
        path: 'config/regions.yaml',
        content: toYaml({ regions: [{ id: 'local' }] }, 'Where probes stand: add yours.'),
      },
      {
        path: 'config/services.yaml',
        content: toYaml(
          { services: services.map(([id]) => ({ id, tier: 'standard' })) },
          'What is watched; a tier says how much it matters: core, standard or minor.',
        ),
      },
      ...services.map(([service, own]) => ({
        path: `probes/${service}/${service}.checks.yaml`,
        content: toYaml(
          { service, checks: own.map(({ id, check }) => ({ id, ...check })) },
          undefined,
          own.map(({ source }) => source),
        ),
      })),
    ],
    leftOut,
  }
}

/** Lower-case words with dashes, as ids are. */
export function kebab(text: string, fallback: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_LENGTH_MAX - 5)
    .replace(/^-+|-+$/g, '')
  return words === '' ? fallback : words
}

/** The name of a secret: `SHOP_API_PASSWORD`. */
export const secretNameOf = (...parts: string[]): string =>
  `IMPORTED_${kebab(parts.join(' '), 'secret').replaceAll('-', '_').toUpperCase()}`

function uniqueId(wanted: string, taken: Set<string>): string {
  let id = wanted
  for (let next = 2; taken.has(id); next++) id = `${wanted}-${next}`
  taken.add(id)
  return id
}

/** YAML with a comment above it, and one above each of its checks. */
export function toYaml(value: unknown, comment?: string, sources: readonly string[] = []): string {
  const document = new Document(escapeVariables(value), { version: '1.2' })
  if (comment !== undefined) document.commentBefore = ` ${comment}`
  const checks = isMap(document.contents) ? document.contents.get('checks') : undefined
  for (const [index, source] of sources.entries()) {
    const node = isSeq(checks) ? checks.items[index] : undefined
    // A line break would end the comment, and what follows would be read as YAML.
    if (isMap(node)) node.commentBefore = ` ${source.replace(/\s+/g, ' ')}`
  }
  return document.toString({ lineWidth: 0 })
}

/** `${` begins a variable in our files; here it is text. */
function escapeVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', '$$${')
  if (Array.isArray(value)) return value.map(escapeVariables)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, escapeVariables(inner)]),
  )
}
