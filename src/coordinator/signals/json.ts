import { JSONPathEnvironment, type JSONValue } from 'json-p3'
import { SIGNALS_PER_DELIVERY_MAX, type SignalSourceOf } from '../../protocol/signal.ts'
import { showsSecret } from './prove-secret.ts'
import {
  instantOf,
  makeSignal,
  malformed,
  type SignalReader,
  serviceOf,
  severityOf,
} from './signal-reader.ts'

const environment = new JSONPathEnvironment()

/** Any JSON, with a mapping of JSONPaths. Paths of one signal start at its item. */
export const jsonReader = (known: ReadonlySet<string>): SignalReader<'json'> => ({
  isAuthentic: showsSecret,
  read(body, source, { receivedAt }) {
    const items = itemsIn(body as JSONValue, source)
    if (items.length > SIGNALS_PER_DELIVERY_MAX)
      throw malformed(`more than ${SIGNALS_PER_DELIVERY_MAX} signals in one delivery`)
    return {
      signals: items.map((item, index) => {
        const lookUp = (path: string) => textAt(item, path)
        const needed = (path: string) => {
          const text = lookUp(path)
          if (text === undefined) throw malformed(`item ${index} has nothing at ${path}`)
          return text
        }
        return makeSignal({
          key: needed(source.key),
          isFiring: isFiring(needed(source.state.from), source, index),
          startedAt: instantOf(undefined),
          receivedAt,
          subject: needed(source.subject),
          reason: source.reason === undefined ? undefined : lookUp(source.reason),
          link: source.link === undefined ? undefined : lookUp(source.link),
          serviceId: serviceOf(source, lookUp, known),
          severity: severityOf(source, lookUp),
        })
      }),
    }
  },
})

function itemsIn(body: JSONValue, { items }: SignalSourceOf<'json'>): JSONValue[] {
  if (items === undefined) return [body]
  const found = environment.query(items, body).values()
  // `$.alerts` means its entries as much as `$.alerts[*]` does.
  return found.length === 1 && Array.isArray(found[0]) ? found[0] : found
}

function isFiring(word: string, { state }: SignalSourceOf<'json'>, index: number): boolean {
  if (state.firing.includes(word)) return true
  if (state.resolved.includes(word)) return false
  const words = [...state.firing, ...state.resolved].join(', ')
  throw malformed(`item ${index} has the state "${word.slice(0, 80)}", which is none of ${words}`)
}

/** Only what starts with `$` is a path; a mapping may also name a constant's label. */
function textAt(item: JSONValue, path: string): string | undefined {
  if (!path.startsWith('$')) return undefined
  const [value] = environment.query(path, item).values()
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
