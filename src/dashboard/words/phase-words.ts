import type { PhaseName } from '../../protocol/run.ts'

/** What each phase is called, in the order in which they happen. */
export const PHASE_WORDS: { readonly [P in PhaseName]: string } = {
  queue: 'waiting in the probe',
  dns: 'name resolution',
  proxy: 'proxy',
  connect: 'connect',
  tls: 'TLS handshake',
  upgrade: 'upgrade',
  greeting: 'greeting',
  firstByte: 'first byte',
  download: 'download',
  login: 'login',
  query: 'query',
  write: 'write',
  exchange: 'conversation',
  rtt: 'round trip',
  other: 'other',
}

export const PHASE_ORDER = Object.keys(PHASE_WORDS) as PhaseName[]

export const phaseWord = (name: string): string => PHASE_WORDS[name as PhaseName] ?? name
