import { type ActionField, DECLARE_FIELDS } from './incident-actions.ts'

/** What another page, such as a panel of Grafana, knows of an incident that somebody declares from there. */
export type DeclareLink = {
  fields: readonly ActionField[]
  service: string | undefined
  severity: string | undefined
}

/** As much of a parameter as a form takes; more came by mistake. */
const LINE_LENGTH_MAX = 200
const WORDS_LENGTH_MAX = 4_000

/**
 * The form as an address fills it in: `/incidents?declare=1&service=orders&reason=…`. Undefined where the
 * address does not ask for it. It fills in and sends nothing: whoever follows a link only reads.
 */
export function declareLink(query: string): DeclareLink | undefined {
  const said = new URLSearchParams(query)
  if (said.get('declare') === null) return undefined
  const fields = DECLARE_FIELDS.map((field): ActionField => {
    const value = said.get(field.name)?.trim()
    if (value === undefined || value === '') return field
    if (field.kind === 'line') return { ...field, value: value.slice(0, LINE_LENGTH_MAX) }
    return field.kind === 'words' ? { ...field, value: value.slice(0, WORDS_LENGTH_MAX) } : field
  })
  return {
    fields,
    service: said.get('service') ?? undefined,
    severity: said.get('severity')?.toUpperCase(),
  }
}
