import type { Diagnosis, RunError } from '../../protocol/run.ts'

/** What was found at one layer, and how much it says. */
export type LayerFinding = Diagnosis['layers'][number] & {
  /** Only compared with: what another resolver says is no part of the way that the check took. */
  isComparison?: true
  /** Our own short deadline ended it: broken only where the check itself ran out of time. */
  isOverdue?: true
}

const TIMEOUT = /(^|\.)timeout$/

/**
 * The first layer that is broken, as its index; undefined when each works by itself. An address that
 * fails while another one accepts is named last: it breaks nothing that comes after it, and counts where
 * nothing else is wrong.
 */
export function firstBroken(layers: readonly LayerFinding[], error: RunError): number | undefined {
  const isBroken = ({ isFine, isComparison, isOverdue }: LayerFinding) =>
    !isFine && !isComparison && (!isOverdue || TIMEOUT.test(error.type) || isNoAnswer(error))
  const addresses = layers.filter(({ layer }) => layer === 'tcp')
  const isSpare = (one: LayerFinding) =>
    one.layer === 'tcp' && addresses.some(({ isFine }) => isFine)
  const index = layers.findIndex((one) => isBroken(one) && !isSpare(one))
  const found = index >= 0 ? index : layers.findIndex(isBroken)
  return found >= 0 ? found : undefined
}

/** Handshakes and echoes that never came have types of their own. */
const isNoAnswer = ({ type }: RunError): boolean =>
  type === 'tls.handshake' || type === 'icmp.no_answer'

/** The broken layer in one sentence: `DNS: SERVFAIL from 10.0.0.2, NOERROR from 1.1.1.1`. */
export function brokenSentence(layers: readonly LayerFinding[], index: number): string {
  const broken = layers[index]
  if (!broken) return ''
  const same = layers.filter(({ layer }) => layer === broken.layer)
  switch (broken.layer) {
    case 'dns':
      return `DNS: ${same.map(({ message, subject }) => `${message} from ${subject}`).join(', ')}`
    case 'tcp':
      return `TCP: connection to ${same.map(({ subject, message }) => `${subject} ${message}`).join(', ')}`
    case 'tls':
      return `TLS: ${broken.message}`
    case 'http':
      return `HTTP: ${broken.message}`
  }
}

/** The run's message with the broken layer named in front, and nothing said twice. */
export function withBrokenLayer(message: string, sentence: string): string {
  const [layer = '', ...rest] = sentence.split(': ')
  return message.includes(rest.join(': ')) ? `${layer}: ${message}` : `${sentence}. ${message}`
}
