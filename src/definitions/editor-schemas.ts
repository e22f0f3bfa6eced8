import { z } from 'zod'
import { CheckFile } from '../protocol/check-file.ts'
import { NotificationsFile, RegionsFile, ServicesFile, SeveritiesFile } from '../protocol/config.ts'
import { QueriesFile } from '../protocol/query.ts'
import { SignalsFile } from '../protocol/signal.ts'
import { StatusPageFile } from '../protocol/status-page.ts'
import { MaintenanceFile } from '../protocol/written-maintenance.ts'
import { OnCallFile } from '../protocol/written-on-call.ts'

const FILES = {
  checks: { schema: CheckFile, title: 'What is watched: probes/**/*.checks.yaml' },
  regions: { schema: RegionsFile, title: 'Where probes stand: config/regions.yaml' },
  services: { schema: ServicesFile, title: 'What is watched for whom: config/services.yaml' },
  severities: { schema: SeveritiesFile, title: 'How severe it is: config/severities.yaml' },
  maintenance: { schema: MaintenanceFile, title: 'Planned work: config/maintenance.yaml' },
  'on-call': { schema: OnCallFile, title: 'Who is paged, and when: config/on-call.yaml' },
  notifications: { schema: NotificationsFile, title: 'Who hears of it: config/notifications.yaml' },
  signals: {
    schema: SignalsFile,
    title: 'Who may say that something is wrong: config/signals.yaml',
  },
  'status-page': {
    schema: StatusPageFile,
    title: 'What the public is shown: config/status-page.yaml',
  },
  queries: { schema: QueriesFile, title: 'Numbers that are asked for: config/queries.yaml' },
}

type JsonSchema = z.core.JSONSchema.BaseSchema

/** Any scalar may come from the environment; what it holds is not for the editor to judge. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Z_][A-Z0-9_]*(:-[^}]*)?\\}' }

/** The JSON Schemas for editors: file name below `config/schemas/` → its text. */
export function editorSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FILES).map(([name, { schema, title }]) => [
      `${name}.schema.json`,
      `${JSON.stringify(editorSchema(schema, title), null, 2)}\n`,
    ]),
  )
}

function editorSchema(schema: z.ZodType, title: string): JsonSchema {
  const { $schema, definitions, ...rest } = z.toJSONSchema(schema, {
    // The draft that every editor's YAML support understands.
    target: 'draft-7',
    io: 'input',
    // Said once each: written out everywhere, the file for checks is six times as long.
    reused: 'ref',
    override: ({ jsonSchema }) => {
      if (takesVariable(jsonSchema)) allowVariable(jsonSchema)
    },
  })
  return {
    ...($schema && { $schema }),
    title,
    ...rest,
    definitions: { ...(definitions as object | undefined), variable: VARIABLE },
  }
}

/** Scalars that a variable's text would not satisfy as it stands. Constants tell kinds apart. */
function takesVariable({ type, pattern, format, enum: values, const: constant }: JsonSchema) {
  if (constant !== undefined) return false
  if (type === 'number' || type === 'integer' || type === 'boolean') return true
  return type === 'string' && (pattern ?? format ?? values) !== undefined
}

function allowVariable(schema: JsonSchema): void {
  const { description, ...scalar } = schema
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, description === undefined ? {} : { description }, {
    anyOf: [scalar, { $ref: '#/definitions/variable' }],
  })
}
